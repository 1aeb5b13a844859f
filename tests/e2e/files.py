"""Jobs that read files of an S3 server and pages of an HTTP API: from the model to rows in the merge database."""

import json
import shutil
import subprocess
import sys
import tempfile
import unittest

from lib.data_plane import LAKE, DataPlane
from lib.s3 import CACHE, s3rver, start_minio, start_s3rver
from lib.server import SOURCE

ORDERS = LAKE + """---
kind: Datastore
name: orders
team: usa/sales
production: true
capture:
  type: csv-s3
  container: lake
  credential: lake-keys
  schedule: external
  csv: {{bad_rows: {bad_rows}}}
datasets:
  - name: lines
    prefix: {prefix}/
    pattern: "*.csv"
    classification: IP
    columns:
      - {{name: id, type: int32, key: true}}
      - {{name: note, type: varchar(20), nullable: true}}
      - {{name: price, type: "decimal(10,2)", nullable: true}}
"""

API = """
---
kind: DataContainer
name: api
type: http
url: http://127.0.0.1:{port}
locations: ["MyCorp:USA/NY_1"]
---
kind: Datastore
name: things
team: usa/sales
production: true
capture:
  type: json-api
  container: api
  schedule: external
  paging: {{type: {paging}, parameter: {paging}, size: 3}}
datasets:
  - name: list
    path: /{way}
    records: /data
    classification: IP
    columns:
      - {{name: id, type: int64, key: true}}
      - {{name: name, type: varchar(10)}}
      - {{name: note, type: json, nullable: true}}
"""


class Script:
    """A server of tests/ingest."""

    def __init__(self, *words):
        self.process = subprocess.Popen(["/usr/bin/python3", f"{SOURCE}/tests/ingest/{words[0]}", *words[1:]],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Files(DataPlane):
    def credentials(self):
        return {**DataPlane.credentials(), "lake-keys": {"access-key-id": self.s3.access_key,
                                                         "secret-access-key": self.s3.secret_key}}

    def commit_lake(self, bad_rows=0):
        pair = [("orders", "lines")]
        self.commit_model(ORDERS.format(endpoint=self.endpoint(), prefix=self.name, bad_rows=bad_rows), pair, pair)

    def endpoint(self):
        return f"http://127.0.0.1:{self.s3.port}"

    def rows(self, platform="Live"):
        where = "where yellow_batch_out = 2147483647" if platform == "Forensic" else ""
        return self.merge_sql(f"select id, note, price::text from {self.schema(self.name + platform)}.orders__lines "
                              f"{where} order by id")

    def batch(self, platform="Live", status=0, **env):
        code, output = self.run_job(self.name + platform, "orders", **env)
        self.assertEqual(code == 0, status == 0, output)
        return output


class AgainstS3(Files):
    """Against each S3 server that is there."""

    @classmethod
    def setUpClass(cls):
        cls.s3 = None
        cls.s3 = cls.start_s3()
        cls.addClassCleanup(cls.s3.close)
        super().setUpClass()
        if len(cls.s3.secret_key) > 8:
            cls.server.secrets.append(cls.s3.secret_key)

    def test_objects_are_read_once_and_again_when_they_change(self):
        self.commit_lake()
        for i in range(3):
            self.s3.put(f"{self.name}/{i}.csv", f"price,id,note\n1.010,{i},a\n,{i + 10},\"b, \"\"c\"\"\"\n")
        self.s3.put(f"{self.name}/a b+\u00e9.csv", "id,note,price\n99,odd key,1\n")
        self.s3.put(f"{self.name}/deep/0.csv", "id,note,price\n77,not matched,1\n")
        for platform in ("Live", "Forensic"):
            self.batch(platform)
            self.assertEqual(self.rows(platform), [(i, "a", "1.01") for i in range(3)] +
                             [(i, 'b, "c"', None) for i in range(10, 13)] + [(99, "odd key", "1.00")])
        self.s3.put(f"{self.name}/1.csv", "id,note,price\n1,new,2\n")
        self.batch()
        self.assertEqual(self.rows()[1], (1, "new", "2.00"))
        self.assertEqual(len(self.rows()), 7)
        self.assertEqual(self.merge_sql("select key, max(o.batch), count(*) from yellow.objects o join yellow.streams s on "
                                        "s.id = o.stream where s.ecosystem = %s and s.platform = %s group by key order "
                                        "by key", self.name, self.name + "Live"),
                         [(f"{self.name}/0.csv", 1, 1), (f"{self.name}/1.csv", 2, 2), (f"{self.name}/2.csv", 1, 1), (f"{self.name}/a b+\u00e9.csv", 1, 1)])

    def test_more_objects_than_a_list_holds(self):
        self.commit_lake()
        for i in range(1010):
            self.s3.put(f"{self.name}/m{i:04d}.csv", f"id,note,price\n{i + 1000},m,\n")
        self.batch()
        self.assertEqual(len([row for row in self.rows() if row[1] == "m"]), 1010)

    def test_a_large_object(self):
        self.commit_lake()
        lines = [f"{i},{'x' * (i % 20)},{i / 7:.2f}" for i in range(100000, 300000)]
        self.s3.put(f"{self.name}/large.csv", "id,note,price\n" + "\n".join(lines))
        self.batch()
        self.assertEqual(self.merge_sql(f"select count(*), sum(price)::text from {self.schema(self.name + 'Live')}."
                                        "orders__lines where id >= 100000")[0],
                         (200000, f"{sum(round(float(line.split(',')[2]) * 100) for line in lines) / 100:.2f}"))


class S3rver(AgainstS3):
    @classmethod
    def start_s3(cls):
        program, why = s3rver()
        if not program:
            print(f"not run against s3rver: {why}", file=sys.stderr)
            raise unittest.SkipTest(why)
        return start_s3rver(program)


class Minio(AgainstS3):
    @classmethod
    def start_s3(cls):
        program = shutil.which("minio") or shutil.which(CACHE + "/bin/minio")
        if not program:
            raise unittest.SkipTest("there is no minio")
        return start_minio(program)


del AgainstS3


class BehindTls(Files):
    """The bucket in the host's name, behind a certificate of an authority of one's own."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="yellow-e2e-tls-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.certificate, key = cls.folder + "/cert.pem", cls.folder + "/key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cls.certificate,
                        "-days", "2", "-subj", "/CN=lake.localhost", "-addext", "subjectAltName=DNS:lake.localhost"],
                       check=True, capture_output=True)
        cls.s3 = Script("s3_server.py", "lake", "AKEY", "the/secret+key", cls.certificate, key)
        cls.s3.access_key, cls.s3.secret_key = "AKEY", "the/secret+key"
        cls.addClassCleanup(cls.s3.close)
        super().setUpClass()

    def endpoint(self):
        return f"https://lake.localhost:{self.s3.port}"

    def test_the_certificate_is_checked_before_anything_is_sent(self):
        self.commit_lake()
        subprocess.run(["curl", "-sf", "--cacert", self.certificate, "-X", "PUT", "--data-binary", "@-",
                        f"{self.endpoint()}/_/object/{self.name}/1.csv"], input=b"id,note,price\n1,a,1\n", check=True)
        output = self.batch(status=1)
        self.assertIn("source-unreachable", output)
        self.assertIn("certificate", output)
        self.batch(SSL_CERT_FILE=self.certificate)
        self.assertEqual([row[0] for row in self.rows()], [1])


class OwnServer(Files):
    """What the own server can be told to do."""

    @classmethod
    def setUpClass(cls):
        cls.s3 = Script("s3_server.py", "lake", "AKEY", "the/secret+key")
        cls.s3.access_key, cls.s3.secret_key = "AKEY", "the/secret+key"
        cls.api = Script("json_server.py")
        for script in (cls.s3, cls.api):
            cls.addClassCleanup(script.close)
        super().setUpClass()
        cls.server.secrets.append("the/secret+key")

    def put(self, key, text):
        subprocess.run(["curl", "-sf", "-X", "PUT", "--data-binary", "@-", f"http://127.0.0.1:{self.s3.port}/_/object/{key}"], input=text.encode(),
                       check=True, stdout=subprocess.DEVNULL)

    def test_over_the_limit_of_bad_rows_the_tables_stay_as_they_were(self):
        self.commit_lake(bad_rows=2)
        self.put(f"{self.name}/1.csv", "id,note,price\n1,a,1\nx,b,1\n3,c,1\n")
        self.batch()
        self.assertEqual([row[0] for row in self.rows()], [1, 3])
        self.put(f"{self.name}/2.csv", "id,note,price\n4,d,1\ny,,\nz,,\n5,e,99999999999\n")
        output = self.batch(status=1)
        self.assertIn("bad-data-over-limit", output)
        self.assertEqual([row[0] for row in self.rows()], [1, 3])
        look = ("select q.batch, object, line, \"column\", reason from yellow.quarantine q join yellow.streams s on s.id = "
                "q.stream where s.ecosystem = %s order by q.batch, number")
        self.assertEqual(self.merge_sql(look, self.name), [
            (1, f"{self.name}/1.csv", 3, "id", '"x" is no int32'), (2, f"{self.name}/2.csv", 3, "id", '"y" is no int32'),
            (2, f"{self.name}/2.csv", 4, "id", '"z" is no int32'),
            (2, f"{self.name}/2.csv", 5, "price", "99999999999 does not fit decimal(10,2)")])
        self.put(f"{self.name}/2.csv", "id,note,price\n4,d,1\n")
        self.batch()
        self.assertEqual([row[0] for row in self.rows()], [1, 3, 4])
        self.assertEqual(len(self.merge_sql(look, self.name)), 1)

    def test_pages_of_an_api_become_the_whole_table(self):
        pair = [("things", "list")]
        self.commit_model(API.format(port=self.api.port, paging="page", way="paged"), pair, pair)
        for _ in range(2):
            code, output = self.run_job(self.name + "Live", "things")
            self.assertEqual(code, 0, output)
            self.assertEqual(self.merge_sql(f"select id, name from {self.schema(self.name + 'Live')}.things__list order "
                                            "by id"), [(i, f"n{i}") for i in range(1, 8)])
        counts = self.merge_sql("select counts from yellow.batches b join yellow.streams s on s.id = b.stream where "
                                "s.ecosystem = %s and b.batch = 2", self.name)[0][0]
        self.assertEqual({key: counts[key] for key in ("read", "inserted", "updated", "deleted", "unchanged")},
                         {"read": 7, "inserted": 0, "updated": 0, "deleted": 0, "unchanged": 7}, json.dumps(counts))


if __name__ == "__main__":
    unittest.main()
