"""Streams of each kind of capture whose sources change by steps, and what their tables have to hold after each batch."""

import collections
import datetime
import http.client
import http.server
import json
import urllib.parse

from lib.data_plane import LAKE

LIVE = 2147483647

CONTAINERS = LAKE.replace("{endpoint}", "http://127.0.0.1:{s3}") + """---
kind: DataContainer
name: api
type: http
url: http://127.0.0.1:{api}
locations: ["MyCorp:USA/NY_1"]
---
kind: Credential
name: api-token
type: token
containers: [api]
"""

STORE = """---
kind: Datastore
name: {name}
team: usa/sales
production: true
capture: {{type: {type}, schedule: external, {capture}}}
datasets:
  - name: keyed
    {keyed}
    classification: IP
    columns:
      - {{name: id, type: int64, key: true}}
      - {{name: name, type: varchar(40), nullable: true}}
      - {{name: at, type: timestamptz}}
"""

LOG = """  - name: log
    {log}
    classification: IP
    columns:
      - {{name: line, type: text, nullable: true}}
      - {{name: at, type: timestamptz}}
"""

DATABASE = "container: crm-db, credential: crm-reader"
# How each kind of capture is declared, for whole datasets or what came; where it reads.
KINDS = {
    "sql-snapshot": {"whole": True, "end": "source", "capture": DATABASE, "at": "table: {name}.{dataset}"},
    "sql-incremental": {"whole": False, "end": "source", "capture": DATABASE + ", watermark: at",
                        "at": "table: {name}.{dataset}"},
    "csv-s3": {"whole": False, "end": "s3", "capture": "container: lake, credential: lake-keys, csv: {header: true, "
                                                       "null_text: 'NULL'}", "at": "prefix: {name}/{dataset}/"},
    "json-api": {"whole": True, "end": "api", "capture": "container: api, credential: api-token, "
                                                         "paging: {type: page, parameter: page}",
                 "at": "path: /{name}/{dataset}\n    records: /data"},
}


class Api(http.server.BaseHTTPRequestHandler):
    """Serves what streams put into `rows`, four records a page."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a body would wait for the acknowledgement of its headers
    rows = {}

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass

    def do_GET(self):
        path, _, query = self.path.partition("?")
        page = int(urllib.parse.parse_qs(query).get("page", ["1"])[0])
        records = self.rows.get(path, [])[page * 4 - 4:page * 4]
        body = json.dumps({"data": records}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Stream:
    """A source of two tables, with a key and without, and what its stream's tables have to hold."""

    def __str__(self):
        return f"{self.capture} {'milestoned' if self.milestoned else 'live'}"

    def __init__(self, case, name, capture, milestoned):
        self.case, self.name, self.capture, self.milestoned = case, name, capture, milestoned
        self.step, self.batch = 0, 0
        self.keyed, self.log = {}, collections.Counter()  # the source
        self.held, self.held_log = {}, collections.Counter()  # the live rows: id -> (name, at, batch)
        self.history, self.ended_log, self.ever_log = [], 0, 0
        self.counts, self.texts = {}, {}
        self.kind = KINDS[capture]
        self.datasets = ("keyed",) if capture == "json-api" else ("keyed", "log")
        if self.kind["end"] != "source":
            return
        case.source.sql("crm", f"create schema {name}; create table {name}.keyed (id bigint primary key, name "
                               f"varchar(40), at timestamptz not null); create table {name}.log (line text, at "
                               "timestamptz not null)")

    def store(self):
        at = {dataset: self.kind["at"].format(name=self.name, dataset=dataset) for dataset in ("keyed", "log")}
        text = STORE.format(name=self.name, type=self.capture, capture=self.kind["capture"], **at)
        return text + (LOG.format(**at) if "log" in self.datasets else "")

    def mutate(self):
        """The next state of the source, and what one batch makes of it."""
        self.step += 1
        k, at = self.step, datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        at += datetime.timedelta(seconds=k // 2, microseconds=1)  # two steps share a value
        ids = sorted(self.keyed)
        fresh = {k * 10: (f"name {k}", at), k * 10 + 1: (None, at)}
        if ids:
            fresh[ids[k % len(ids)]] = (f"changed {k}", at)
        rest = [i for i in ids if i not in fresh]  # as many go as come: the thousandth batch is as large as the tenth
        gone = [rest[(k * 7) % len(rest)], rest[(k * 7 + 3) % len(rest)]] if len(rest) > 5 and self.kind["whole"] else []
        lines = [(f"line {k % 3}", at), (None, at)]
        lost = list(self.log.elements())[:2] if sum(self.log.values()) > 6 and self.kind["whole"] else []
        self.expect(fresh, gone, lines, lost)
        {"source": self.write_tables, "s3": self.write_objects, "api": self.write_api}[self.kind["end"]](
            fresh, gone, lines, lost)

    def request(self, method, dataset, step, *rest):
        connection = http.client.HTTPConnection("127.0.0.1", self.case.s3_port)
        connection.request(method, f"/_/object/{self.name}/{dataset}/{step:06}.csv", *rest)
        assert connection.getresponse().read() == b""
        connection.close()

    def put(self, dataset, text):
        """The object of this step."""
        self.request("PUT", dataset, self.step, text.encode(), {"X-Modified": f"2026-01-01T00:00:00.{self.step % 1000:03}Z"})

    def write_objects(self, fresh, _gone, lines, _lost):
        def text(head, rows):
            return head + "".join(",".join("NULL" if v is None else str(v) for v in row) + "\n" for row in rows)
        self.texts = {"keyed": text("id,name,at\n", [(i, *row) for i, row in fresh.items()]), "log": text("line,at\n", lines)}
        for dataset, body in self.texts.items():
            self.put(dataset, body)
            # Read long ago: the list of objects is as long for the thousandth batch as for the tenth.
            self.request("DELETE", dataset, self.step - 9)

    def write_api(self, _fresh, _gone, _lines, _lost):
        Api.rows[f"/{self.name}/keyed"] = [{"id": i, "name": name, "at": str(at)}
                                           for i, (name, at) in sorted(self.keyed.items())]

    def write_tables(self, fresh, gone, lines, lost):
        connection = self.case.source_connection
        with connection.cursor() as cursor:
            cursor.execute("begin")
            for i, row in fresh.items():
                cursor.execute(f"insert into {self.name}.keyed values (%s, %s, %s) on conflict (id) do update set "
                               "name = excluded.name, at = excluded.at", (i, *row))
            for i in gone:
                cursor.execute(f"delete from {self.name}.keyed where id = %s", (i,))
            for row in lines:
                cursor.execute(f"insert into {self.name}.log values (%s, %s)", row)
            for row in lost:
                cursor.execute(f"delete from {self.name}.log where ctid = (select ctid from {self.name}.log where line "
                               "is not distinct from %s and at = %s limit 1)", row)
            cursor.execute("commit")

    def expect(self, fresh, gone, lines, lost):
        batch = self.batch + 1
        inserted = [i for i in fresh if i not in self.keyed]
        updated = [i for i in fresh if i in self.keyed]
        for i in gone + updated:
            name, at, since = self.held.pop(i)
            self.history.append((i, name, at, since, batch - 1))
        for i, row in fresh.items():
            self.held[i] = (*row, batch)
            self.keyed[i] = row
        for i in gone:
            del self.keyed[i]
        self.log.update(lines)
        self.log.subtract(lost)
        self.log += collections.Counter()
        self.ended_log += len(lost)
        self.ever_log += len(lines)
        whole = self.kind["whole"]
        read = len(self.keyed) if whole else len(fresh)
        self.counts = {
            "keyed": {"read": read, "inserted": len(inserted), "updated": len(updated), "deleted": len(gone),
                      "unchanged": read - len(fresh), "quarantined": 0},
            "log": {"read": sum(self.log.values()) if whole else len(lines), "inserted": len(lines), "updated": 0,
                    "deleted": len(lost), "unchanged": sum(self.log.values()) - len(lines) if whole else 0,
                    "quarantined": 0}}

    @property
    def platform(self):
        return self.case.name + ("Forensic" if self.milestoned else "Live")

    def rows(self, dataset, columns):
        beside = "yellow_batch_in, yellow_batch_out" if self.milestoned else "yellow_batch_id"
        schema = self.case.schema(self.platform)
        return self.case.merge_sql(f'select {columns}, {beside} from "{schema}"."{self.name}__{dataset}"')

    def check(self, why):
        case = self.case
        live = [(i, *row) for i, row in self.held.items()]
        if self.milestoned:
            expected = [(*row, LIVE) for row in live] + self.history
        else:
            expected = live
        case.assertEqual(sorted(map(repr, self.rows("keyed", "id, name, at"))), sorted(map(repr, expected)), why)
        if "log" in self.datasets:
            self.check_log(why)
        self.check_batches(why)

    def check_log(self, why):
        case, log = self.case, self.rows("log", "line, at")
        now = [row for row in log if not self.milestoned or row[3] == LIVE]
        case.assertEqual(collections.Counter(row[:2] for row in now), self.log, why)
        if self.milestoned:
            case.assertEqual((len(log), len(log) - len(now)), (self.ever_log, self.ended_log), why)
            case.assertTrue(all(row[2] <= row[3] for row in log), why)

    def check_batches(self, why):
        case = self.case
        batches = case.merge_sql("select b.batch, b.state, b.counts, b.watermark, s.watermark, s.batch from yellow.batches b "
                                 "join yellow.streams s on s.id = b.stream where s.platform = %s and s.name = %s "
                                 "order by b.batch", self.platform, self.name)
        case.assertEqual([row[:2] for row in batches], [(i + 1, "committed") for i in range(len(batches))], why)
        case.assertIn(len(batches), (self.batch + 1, self.batch + 2), why)
        counts = batches[self.batch][2]
        for dataset in self.datasets:
            want = self.counts[dataset]
            got = {key: counts["datasets"][dataset][key] for key in want}
            case.assertEqual(got, want, (why, dataset))
        if len(batches) > self.batch + 1:
            last = batches[-1][2]
            case.assertEqual((last["inserted"], last["updated"], last["deleted"]), (0, 0, 0), why)
        case.assertEqual((batches[-1][3], batches[-1][5]), (batches[-1][4], len(batches)), why)
        if self.capture == "sql-incremental":
            for dataset, rows in (("keyed", [row[1] for row in self.keyed.values()]), ("log", [r[1] for r in self.log])):
                value = json.loads(batches[-1][4])["datasets"][dataset]["value"]
                case.assertEqual(datetime.datetime.fromisoformat(value + ":00"), max(rows), why)
        server = case.eco.get(f"/platforms/{self.platform}/streams/{self.name}", keep=False).json
        case.assertEqual((server["batch"], server["batch_state"], server["watermark"], server["live_run"]),
                         (len(batches), "committed", batches[-1][4], None), why)
        self.batch = len(batches)
