select kind, platform, name, requests_memory, limits_memory, requests_cpu, limits_cpu
from hints
where ecosystem = $1
