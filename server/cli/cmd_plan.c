#include "cli/command.h"
#include "cli/folder.h"
#include "git/git.h"
#include "model/checks.h"
#include "model/ownership.h"
#include "model/plan.h"
#include "model/wanted.h"
#include "stack/plan_document.h"

#include <stdio.h>
#include <sys/stat.h>

/* Of --exit-code alone: 1 to 3 are errors, as with every command. */
enum { EXIT_DIFFERENT = 4 };

struct planning {
    const struct cli_args *args;
    struct arena *arena;
    const char *dir; /* the model's folder */
    struct git_clone clone;
    bool cloned; /* it was looked for */
};

static bool is_folder(const char *path)
{
    struct stat stat_of;
    return stat(path, &stat_of) == 0 && S_ISDIR(stat_of.st_mode);
}

static void refuse(void *ctx, const char *path, const char *reason)
{
    (void)check_report(ctx, CHECK_REFUSED_FILE, (struct place){path, 1, 1}, "%s", reason);
}

/* The model's folder as it is in a revision. What is refused there becomes findings. */
static int read_revision(struct planning *planning, const char *revision, struct findings *findings,
                         struct folder_files *out, struct err *err)
{
    struct git_files files = {0};
    char oid[GIT_OID_TEXT];
    int rc = planning->cloned ? 0 : git_clone_find(planning->arena, planning->dir, &planning->clone, err);
    planning->cloned = rc == 0;
    if (rc == -ERR_NOT_FOUND)
        return err_hint(err, "a folder can take the place of a revision: --from FOLDER");
    if (!rc)
        rc = git_clone_resolve(&planning->clone, revision, oid, err);
    if (!rc)
        rc = git_clone_read(planning->arena, planning->clone.dir, oid, planning->clone.folder, model_wants, refuse,
                            findings, &files, err);
    if (rc == -ERR_INVALID && findings->errors)
        rc = 0;
    else if (rc)
        return rc;
    else
        out->count = files.count;
    out->items = arena_calloc(planning->arena, out->count, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (struct model_file){files.files[i].path, files.files[i].data};
    return rc;
}

/* Loads what a folder or else a revision has. */
static int load(struct planning *planning, const char *source, struct findings *findings, struct model **out,
                struct err *err)
{
    struct folder_files files = {0};
    int rc = is_folder(source) ? folder_read(planning->arena, source, &files, err)
                               : read_revision(planning, source, findings, &files, err);
    if (!rc)
        *out = model_load(planning->arena, files.items, files.count, findings);
    return rc;
}

/* The older side only has to be readable: it is what is there. */
static int load_from(struct planning *planning, const char *source, struct model **model, struct jobs *jobs,
                     struct err *err)
{
    struct findings findings = {.arena = planning->arena};
    int rc = load(planning, source, &findings, model, err);
    if (rc)
        return rc;
    if (findings.errors) {
        struct buf *text = buf_new(planning->arena);
        findings_sort(&findings);
        findings_print(&findings, text);
        (void)fputs(buf_text(text), stderr);
        return err_set(err, ERR_INVALID, "%s: the model cannot be read, there is nothing to compare with", source);
    }
    *jobs = model_jobs(planning->arena, *model, &findings);
    return 0;
}

static int load_to(struct planning *planning, const char *source, const struct stack_library *library,
                   struct findings *findings, struct model **model, struct jobs *jobs, struct err *err)
{
    int rc = load(planning, source, findings, model, err);
    if (rc)
        return rc;
    model_check(*model, findings);
    stack_check(library, *model, NULL, findings);
    if (!findings->errors)
        *jobs = model_jobs(planning->arena, *model, findings);
    findings_sort(findings);
    return 0;
}

/* As whose push it is judged: REPOSITORY[@BRANCH]. Without it nobody's, as a folder does not know. */
static void judge_owner(const struct planning *planning, const struct model *older, const struct model *newer,
                        struct findings *findings)
{
    const char *as = cli_value(planning->args, "as");
    if (!as)
        return;
    const char *at = strrchr(as, '@');
    const struct owner pusher = {at ? arena_strndup(planning->arena, as, (size_t)(at - as)) : as, at ? at + 1 : "main"};
    ownership_check(older, newer, &pusher, findings);
    findings_sort(findings);
}

static void print(const struct planning *planning, const json_t *document)
{
    struct buf *text = buf_new(planning->arena);
    if (cli_has(planning->args, "json")) {
        json_write(text, document);
        buf_addc(text, '\n');
    } else {
        plan_document_print(document, text);
    }
    (void)fwrite(buf_text(text), 1, text->len, stdout);
}

static int plan(struct planning *planning, const struct stack_library *library, struct err *err)
{
    const struct cli_args *args = planning->args;
    const char *from = cli_has(args, "from") ? cli_value(args, "from") : "HEAD",
               *to = cli_has(args, "to") ? cli_value(args, "to") : planning->dir;
    struct arena *arena = planning->arena;
    struct findings findings = {.arena = arena};
    struct model *older = NULL, *newer = NULL;
    struct jobs older_jobs = {0}, newer_jobs = {0};
    json_t *made = NULL;
    int rc = load_from(planning, from, &older, &older_jobs, err);
    if (!rc)
        rc = load_to(planning, to, library, &findings, &newer, &newer_jobs, err);
    if (rc)
        return rc;
    if (!findings.errors)
        judge_owner(planning, older, newer, &findings);
    if (!findings.errors) {
        struct compat_changes changes = compatibility_of(arena, older, newer);
        made = json_own(arena, plan_make_judged(older, &older_jobs, newer, &newer_jobs, &changes));
        compatibility_report(&changes, false, NULL, &findings);
        findings_sort(&findings);
    }
    const json_t *document = plan_document(arena, library, &(struct plan_side){older, &older_jobs},
                                           &(struct plan_side){newer, &newer_jobs}, made, &findings);
    print(planning, document);
    if (!made)
        return err_set(err, ERR_INVALID, "%s: the model has %zu errors, nothing is planned", to, findings.errors);
    return cli_has(args, "exit-code") && json_is_true(json_object_get(document, "changes")) ? EXIT_DIFFERENT : 0;
}

static int run(const struct cli_args *args, struct err *err)
{
    struct planning planning = {.args = args, .arena = args->arena, .dir = "."};
    struct stack_library *library = NULL;
    int rc = args->operand_count ? command_check_operands(&cmd_plan, args, 1, err) : 0;
    if (args->operand_count)
        planning.dir = args->operands[0];
    if (!rc && !is_folder(planning.dir))
        rc = err_set(err, ERR_NOT_FOUND, "there is no folder %s", planning.dir);
    if (!rc)
        rc = stack_library_new(&library, err);
    if (!rc)
        rc = plan(&planning, library, err);
    stack_library_free(library);
    return rc;
}

static const struct cli_option options[] = {
    {"from", "REV|FOLDER", "what is there: a revision of the git repository of DIR, or a folder; HEAD when not given",
     0},
    {"to", "REV|FOLDER", "what is to be; DIR as it is now when not given", 0},
    {"as", "REPOSITORY[@BRANCH]", "judge whose parts it changes as a push to this repository; branch main if not given",
     0},
    {"exit-code", NULL, "exit with 4 when something changes, instead of 0", 0},
    {"json", NULL, "print the plan as JSON", 0},
    {0},
};

const struct command cmd_plan = {
    .name = "plan",
    .summary = "show what changes between two revisions of a model and what it will do, without a server",
    .operands = "[DIR]",
    .options = options,
    .run = run};
