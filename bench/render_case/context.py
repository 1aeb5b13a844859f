"""The context that bench/render renders with: 25 services, no two alike, no random."""


def service(i):
    name = ["orders", "billing", "catalog", "search", "users"][i % 5] + "_" + ["api", "worker", "db", "web", "cache"][i // 5]
    out = {
        "name": name, "title": name.replace("_", " ") + " service", "public": i % 3 == 0, "token": i % 7 == 0,
        "replicas": 1 + i % 4, "image": "acme/" + name, "tag": "latest" if i % 11 == 0 else "1.%d.%d" % (i, i * 3 % 10),
        "memory": 256 + 64 * (i % 6), "cpu": 100 + 50 * (i % 5), "writable": i % 8 == 0,
        "ports": [{"name": "http", "number": 8000 + i}, {"name": "metrics", "number": 9000 + i, "protocol": "tcp"}],
        "env": {"log_level": "info", "region": "us-east-1", "note": 'a "quoted" one', "shard": "s%02d" % i,
                "database": "postgres://db-%d.internal:5432/%s" % (i, name)},
        "secrets": [{"env": "db_password", "key": "password"}, {"env": "api_key", "key": "key%d" % i}],
        "args": ["--listen=:%d" % (8000 + i), "--verbose"] if i % 2 else [],
        "volumes": [], "files": [], "hosts": [], "probe": "/health" if i % 4 else "",
    }
    if i % 5 == 2:
        out["volumes"] = [{"name": "data", "path": "/var/lib/" + name, "size": 10 + i, "sub_path": "main"},
                          {"name": "wal", "path": "/var/lib/wal", "size": 5, "class": "fast"}]
    if i % 2 == 0:
        out["files"] = [{"name": "app.conf", "text": "\n".join("option_%d = %d" % (k, k * i) for k in range(12)) + "\n"},
                        {"name": "log.conf", "text": "[root]\nlevel = info\nhandlers = console\n[console]\nstream = out\n"}]
    if out["public"]:
        out["hosts"] = ["%s.Example.com" % name.replace("_", "-"), "www.%s.example.com" % name.replace("_", "-")]
    if i % 6 == 0:
        out["owner"] = "team-%d" % i
    if i % 9 == 0:
        out["grace"] = 90
    return out


CONTEXT = {
    "platform": {"name": "acme", "namespace": "acme-prod", "team": "Data Platform", "registry": "registry.example.com",
                 "tag": "2.4.1", "scale": 2, "pull_secrets": ["registry", "mirror"], "ingress": True,
                 "storage_class": "standard"},
    "services": [service(i) for i in range(25)],
}
