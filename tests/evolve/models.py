"""Documents that the year adds to the model of acme."""

TICKETS_ALONE = """kind: Datastore
name: tickets
team: eu/support
production: true
capture: {type: sql-snapshot, container: crm-db, credential: crm-reader, schedule: "*/30 * * * *", consistency: multi-dataset}
datasets:
  - name: tickets
    classification: IP
    columns:
      - {name: id, type: int64, key: true}
      - {name: person_id, type: varchar(20)}
      - {name: subject, type: varchar(80)}
"""

TICKETS = TICKETS_ALONE + """  - name: replies
    classification: IP
    columns:
      - {name: id, type: int64, key: true}
      - {name: ticket_id, type: int64}
      - {name: body, type: text}
"""

HELPDESK = """kind: Workspace
name: helpdesk
team: eu/support
production: true
priority: medium
groups:
  - name: queue
    platform: {milestoning: live, latency: minutes}
    sinks:
      - {store: tickets, dataset: tickets}
      - {store: tickets, dataset: replies, deprecation: never}
"""

# A transformer that counts tickets: what the workspace says of it, the store that it makes, and its SQL.
COUNTS = {
    "transformer": """transformer:
  name: count-tickets
  code: {type: sql, file: transforms/count-tickets.sql}
  output: ticket-counts
  trigger: inputs
""",
    "store": """kind: Datastore
name: ticket-counts
team: eu/support
production: true
datasets:
  - name: per_person
    classification: IP
    columns:
      - {name: person_id, type: varchar(20), key: true}
      - {name: tickets, type: int64}
""",
    "sql": """INSERT INTO per_person (person_id, tickets)
SELECT person_id, count(*) FROM queue__tickets__tickets GROUP BY person_id;
"""}

TRIAL = """kind: Workspace
name: trial
team: eu/support
groups:
  - name: all
    platform: {name: YellowTrial}
    sinks:
      - {store: tickets, dataset: tickets}
"""
