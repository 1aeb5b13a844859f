copy objects (ecosystem, version_in, kind, name, path, line, hash, body) from stdin
