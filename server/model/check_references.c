#include "model/checks.h"

#include "model/fields.h"

/* Where a value is written, or its owner where that is not known. */
static struct place at(const struct check_run *run, const char *text, struct place owner)
{
    return model_place(run->model, text, owner);
}

/* The object that is named, or NULL after a finding; a name that is not given is no finding here. */
static const struct object *resolve(struct check_run *run, enum object_kind kind, const char *name, struct place owner)
{
    if (!name)
        return NULL;
    const struct object *object = model_find(run->model, kind, name);
    if (!object) {
        struct finding *finding = check_report(run->findings, CHECK_DANGLING_REFERENCE, at(run, name, owner),
                                               "there is no %s \"%s\"", object_kind_names[kind], name);
        check_suggest(run->findings, finding, &run->model->by_kind[kind], name);
    }
    return object;
}

/* A container of one of the types in the bit set. */
static void resolve_container(struct check_run *run, const char *name, unsigned types, const char *use,
                              struct place owner)
{
    const struct object *object = resolve(run, OBJECT_CONTAINER, name, owner);
    if (object && !(types >> object->container->type & 1))
        check_report(run->findings, CHECK_WRONG_CONTAINER, at(run, name, owner),
                     "%s cannot use DataContainer \"%s\": it is %s", use, name,
                     container_type_names[object->container->type]);
}

static void resolve_credential(struct check_run *run, const char *name, const char *container, unsigned types,
                               const char *use, struct place owner)
{
    const struct object *object = resolve(run, OBJECT_CREDENTIAL, name, owner);
    if (!object)
        return;
    if (!(types >> object->credential->type & 1))
        check_report(run->findings, CHECK_WRONG_CREDENTIAL, at(run, name, owner),
                     "%s cannot use Credential \"%s\": it is %s", use, name,
                     credential_type_names[object->credential->type]);
    if (!container || !model_find(run->model, OBJECT_CONTAINER, container) ||
        credential_is_bound(object->credential, container))
        return;
    struct finding *finding =
        check_report(run->findings, CHECK_CREDENTIAL_UNBOUND, at(run, name, owner),
                     "Credential \"%s\" does not name DataContainer \"%s\" among its containers", name, container);
    finding_hint(run->findings, finding, "if it is to be sent there, its owner adds %s to `containers:` at %s:%u",
                 container, object->place.path, object->place.line);
}

static bool has_owned(const struct owned *items, size_t len, struct str name)
{
    for (size_t i = 0; i < len; i++)
        if (items[i].name && str_eqz(name, items[i].name))
            return true;
    return false;
}

static void resolve_team(struct check_run *run, const char *team, struct place owner)
{
    if (!team || !strchr(team, '/'))
        return;
    struct str name = str_from(team), zone_name = str_cut(&name, '/');
    const struct object *zone = map_get(&run->model->by_kind[OBJECT_ZONE], zone_name);
    struct finding *finding;
    if (!zone) {
        finding = check_report(run->findings, CHECK_DANGLING_REFERENCE, at(run, team, owner),
                               "there is no GovernanceZone \"" STR_FMT "\" for team \"%s\"", STR_ARG(zone_name), team);
        check_suggest(run->findings, finding, &run->model->by_kind[OBJECT_ZONE],
                      arena_strndup(run->arena, zone_name.data, zone_name.len));
    } else if (!has_owned(zone->zone->teams.items, zone->zone->teams.len, name)) {
        finding = check_report(run->findings, CHECK_DANGLING_REFERENCE, at(run, team, owner),
                               "GovernanceZone \"%s\" has no team \"" STR_FMT "\"", zone->name, STR_ARG(name));
        const char *names[65] = {0};
        for (size_t i = 0; i < zone->zone->teams.len && i < 64; i++)
            names[i] = zone->zone->teams.items[i].name ? zone->zone->teams.items[i].name : "";
        if (names[0])
            check_suggest_list(run->findings, finding, names, name.data);
    }
}

static void check_credential(struct check_run *run, const struct object *object)
{
    resolve_team(run, object->credential->team, object->place);
    for (size_t i = 0; i < object->credential->containers.len; i++)
        (void)resolve(run, OBJECT_CONTAINER, object->credential->containers.items[i], object->place);
}

static void check_zones(struct check_run *run)
{
    const struct object *ecosystem = model_ecosystem(run->model);
    if (!ecosystem)
        return;
    const struct ecosystem *data = ecosystem->ecosystem;
    check_objects(object, run, OBJECT_ZONE)
    {
        if (has_owned(data->zones.items, data->zones.len, str_from(object->name)))
            continue;
        struct finding *finding =
            check_report(run->findings, CHECK_UNDECLARED, object->place,
                         "GovernanceZone \"%s\" is not declared by Ecosystem \"%s\"", object->name, ecosystem->name);
        finding_hint(run->findings, finding, "add it to the zones at %s:%u", ecosystem->place.path,
                     ecosystem->place.line);
    }
    vec_each(zone, &data->zones) if (zone->name && !model_find(run->model, OBJECT_ZONE, zone->name)) check_report(
        run->findings, CHECK_UNDEFINED, zone->place, "zone \"%s\" has no GovernanceZone that defines it", zone->name);
}

/* Whether the location is one of its vendor's, or lies below one. */
static bool vendor_has(const struct vendor *vendor, struct str path)
{
    for (size_t i = 0; i < vendor->locations.len; i++) {
        struct str have = str_from(vendor->locations.items[i]);
        if (str_starts(path, have) && (path.len == have.len || path.data[have.len] == '/'))
            return true;
    }
    return false;
}

static void check_locations(struct check_run *run, const struct object *object)
{
    const struct object *ecosystem = model_ecosystem(run->model);
    for (size_t i = 0; ecosystem && i < object->container->locations.len; i++) {
        const char *location = object->container->locations.items[i];
        struct str path = str_from(location), vendor_name = str_cut(&path, ':');
        const struct vendor *vendor = NULL;
        vec_each(candidate,
                 &ecosystem->ecosystem->vendors) if (candidate->name && str_eqz(vendor_name, candidate->name)) vendor =
            candidate;
        if (!path.data || (vendor && vendor_has(vendor, path)))
            continue;
        struct finding *finding =
            vendor ? check_report(run->findings, CHECK_UNKNOWN_LOCATION, at(run, location, object->place),
                                  "vendor \"%s\" has no location \"" STR_FMT "\"", vendor->name, STR_ARG(path))
                   : check_report(run->findings, CHECK_UNKNOWN_LOCATION, at(run, location, object->place),
                                  "there is no vendor \"" STR_FMT "\" for location \"%s\"", STR_ARG(vendor_name),
                                  location);
        finding_hint(run->findings, finding, "vendors and their locations are listed at %s:%u", ecosystem->place.path,
                     ecosystem->place.line);
    }
}

static void check_store(struct check_run *run, const struct object *object)
{
    static const struct {
        unsigned containers, credentials;
    } uses[] = {
        [CAPTURE_SQL_SNAPSHOT] = {1u << CONTAINER_POSTGRES, 1u << CREDENTIAL_USER_PASSWORD},
        [CAPTURE_SQL_INCREMENTAL] = {1u << CONTAINER_POSTGRES, 1u << CREDENTIAL_USER_PASSWORD},
        [CAPTURE_CSV_S3] = {1u << CONTAINER_S3, 1u << CREDENTIAL_S3_KEYS},
        [CAPTURE_JSON_API] = {1u << CONTAINER_HTTP,
                              1u << CREDENTIAL_USER_PASSWORD | 1u << CREDENTIAL_TOKEN | 1u << CREDENTIAL_API_KEY},
        [CAPTURE_TRANSFORMER] = {~0u, ~0u},
    };
    const struct capture *capture = &object->datastore->capture;
    resolve_team(run, object->datastore->team, object->place);
    if (!capture->present)
        return;
    const char *use = capture->type == CAPTURE_TRANSFORMER ? "a capture" : capture_type_names[capture->type];
    resolve_container(run, capture->container, uses[capture->type].containers, use, capture->place);
    resolve_credential(run, capture->credential, capture->container, uses[capture->type].credentials, use,
                       capture->place);
}

static void check_sink(struct check_run *run, const struct object *workspace, const struct group *group,
                       const struct sink *sink)
{
    const struct sink_target *target = check_sink_target(run, workspace, group, sink);
    const struct object *store = target->store;
    if (!store)
        (void)resolve(run, OBJECT_DATASTORE, sink->store, sink->place);
    if (!store || !sink->dataset || target->dataset)
        return;
    struct finding *finding = check_report(run->findings, CHECK_DANGLING_REFERENCE, at(run, sink->dataset, sink->place),
                                           "Datastore \"%s\" has no dataset \"%s\"", store->name, sink->dataset);
    check_suggest_dataset(run, finding, store, sink->dataset);
}

static void check_group(struct check_run *run, const struct object *workspace, const struct group *group)
{
    const char *name = group->platform.name;
    if (name && (group->platform.by_milestoning || group->platform.latency)) {
        check_report(run->findings, CHECK_AMBIGUOUS_PLATFORM, at(run, name, group->place),
                     "group \"%s\" names its platform and says what it should be like", group->name ? group->name : "");
    } else if (!name && !group->platform.by_milestoning) {
        struct finding *finding =
            check_report(run->findings, CHECK_AMBIGUOUS_PLATFORM, group->place,
                         "group \"%s\" does not say which platform it wants", group->name ? group->name : "");
        finding_hint(run->findings, finding, "platform: {name: ...}, or platform: {milestoning: live}");
    }
    if (name && !map_getz(&run->platforms, name)) {
        struct finding *finding = check_report(run->findings, CHECK_DANGLING_REFERENCE, at(run, name, group->place),
                                               "there is no data platform \"%s\"", name);
        check_suggest(run->findings, finding, &run->platforms, name);
    }
    vec_each(sink, &group->sinks) if (check_sink_due(run, workspace, sink)) check_sink(run, workspace, group, sink);
}

static void check_workspace(struct check_run *run, const struct object *object)
{
    const struct workspace *workspace = object->workspace;
    const struct transformer *transformer = &workspace->transformer;
    resolve_team(run, workspace->team, object->place);
    (void)resolve(run, OBJECT_CONTAINER, workspace->container, object->place);
    vec_each(group, &workspace->groups) check_group(run, object, group);
    if (!transformer->present)
        return;
    (void)resolve(run, OBJECT_DATASTORE, transformer->output, transformer->place);
    if (transformer->code == CODE_SQL && transformer->file && !model_file_of(run->model, object, transformer->file)) {
        struct finding *finding =
            check_report(run->findings, CHECK_MISSING_FILE, at(run, transformer->file, transformer->place),
                         "transformer \"%s\": the repository has no file \"%s\"",
                         transformer->name ? transformer->name : "", transformer->file);
        check_suggest(run->findings, finding, &run->model->files, transformer->file);
    }
}

void check_references(struct check_run *run)
{
    enum { SQL_CONTAINERS = 1u << CONTAINER_POSTGRES | 1u << CONTAINER_MANAGED };
    check_zones(run);
    check_objects(object, run, OBJECT_CONTAINER)
    {
        resolve_team(run, object->container->team, object->place);
        check_locations(run, object);
    }
    check_objects(object, run, OBJECT_CREDENTIAL) check_credential(run, object);
    check_due(object, run, OBJECT_DATASTORE) check_store(run, object);
    check_due(object, run, OBJECT_WORKSPACE) check_workspace(run, object);
    check_objects(object, run, OBJECT_PSP)
    {
        resolve_container(run, object->psp->merge.container, SQL_CONTAINERS, "a merge", object->place);
        resolve_credential(run, object->psp->merge.credential, object->psp->merge.container,
                           1u << CREDENTIAL_USER_PASSWORD, "a merge", object->place);
    }
}
