"""What happens in a step, as functions of the world and the step's title (which names the commit that it makes)."""

from lib.server import eventually

LABEL = "yellow-approve-breaking"


def both(*actions):
    """One after the other."""
    def act(world, title):
        for action in actions:
            action(world, title)
    return act


def ask():
    """What is there already is pushed: the first commit."""
    def act(world, title):
        head = world.repository.head()
        world.commits[head] = title
        outcome = world.webhook(head, world.ask("POST", "/plans", {"ref": "main"}))
        summary = world.ask("GET", f"/versions/{outcome['version']}/plan")["summary"]
        world.say("plan", ", ".join(f"{key} {summary[key]}" for key in sorted(summary) if summary[key]))
        world.hear()
    return act


def push(*edits):
    """A commit to the branch that the ecosystem follows, its plan, and its webhook."""
    def act(world, title):
        world.push(*edits, name=title)
    return act


def force_push(back, edit):
    """The same on top of an older commit."""
    def act(world, title):
        world.repository.reset(f"HEAD~{back}")
        world.push(edit, name=title, force=True)
    return act


def open_pull(number, *edits):
    """A pull request from the branch `change`."""
    def act(world, title):
        world.change = world.commit(*edits, name=title, branch="change")
        world.hear(quietly=True)
        world.pull(number, "opened", world.change)
        world.plan("change")
        world.hear()
    return act


def label(number, on=True):
    """Somebody puts the label on that approves its plan, or takes it off."""
    def act(world, title):
        world.pull(number, "labeled" if on else "unlabeled", world.change, [LABEL] if on else [], LABEL)
        world.hear()
    return act


def merge_pull():
    """The branch `change` becomes that of the ecosystem."""
    def act(world, title):
        world.repository.push()
        world.webhook(world.change, world.plan())
        world.hear()
    return act


def approve(reason):
    """The last plan, by the API; the head is merged then without another push."""
    def act(world, title):
        approval = world.ask("POST", "/approvals", {"plan": world.planned["id"], "reason": reason}, status=201)
        world.settle(approval["delivery"])
    return act


def rollback(back, reason):
    """The content of an older version as a new one, which holds the branch."""
    def act(world, title):
        to = world.version - back
        answer = world.ask("POST", "/rollbacks", {"to": to, "reason": reason}, status=201)
        world.planned = answer["plan"]
        world.show(answer["plan"])
        world.say("seen", *answer["does"], f"held: {world.hold_text(answer['hold'])}")
        world.hold = answer["hold"]["id"]
        world.settle(answer["delivery"])
    return act


def release():
    """What the last rollback held; its head is merged then."""
    def act(world, title):
        answer = world.ask("POST", f"/holds/{world.hold}/release", {})
        world.say("seen", f"released: {world.hold_text(answer)}")
        world.settle(answer["delivery"])
    return act


def hint(job, values):
    def act(world, title):
        world.ask("PUT", f"/platforms/{job}/hint", values, status=201, headers={"If-None-Match": "*"})
    return act


def lose_webhook(edit):
    """A commit that nobody tells of until the poller has found it, which has its turn when the server starts again."""
    def act(world, title):
        commit = world.commit(edit, name=title)
        newest = world.ask("GET", "/deliveries?limit=1")["items"][0]["id"]
        world.restart("--poll-interval", "1s")
        found = eventually(lambda: [row for row in world.ask("GET", "/deliveries?limit=1")["items"]
                                    if row["id"] > newest], "the poller finds the commit")
        world.settle(found[0]["id"])
        world.restart("--poll-interval", "24h")
        # The turn that was due after a second is taken; the next one is tomorrow's.
        asleep = "select bool_and(poll_at > now() + interval '1 hour') from ecosystems"
        eventually(lambda: world.server.sql(asleep)[0][0], "the poller has had its turn")
        world.settle(world.eco.push(commit))
    return act


def source(*statements):
    """In the source database, by its owner."""
    def act(world, title):
        for statement in statements:
            world.database.sql("crm", statement)
    return act


def run(platform, stream, view, columns):
    """A run from outside, as those of Airflow are; then what a reader sees."""
    def act(world, title):
        world.run(platform, stream)
        world.rows(view, columns)
    return act
