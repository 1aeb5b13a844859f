#include "model/checks.h"

#include "model/job.h"

void check_classification(struct check_run *run)
{
    check_objects(object, run, OBJECT_DATASTORE)
    {
        vec_each(dataset, &object->datastore->datasets)
        {
            const struct column *with = NULL, *without = NULL;
            vec_each(column, &dataset->columns)
            {
                if (column->classification && !with)
                    with = column;
                if (!column->classification && !without)
                    without = column;
            }
            const char *name = dataset->name ? dataset->name : "";
            if (dataset->classification && with) {
                struct finding *finding = check_report(run->findings, CHECK_CLASSIFICATION_TWICE, with->place,
                                                       "dataset \"%s\" is classified, and so is its column \"%s\"",
                                                       name, with->name ? with->name : "");
                finding_hint(run->findings, finding, "classify the dataset, or each of its columns");
            } else if (with && without) {
                check_report(run->findings, CHECK_MISSING_CLASSIFICATION, without->place,
                             "column \"%s\" of dataset \"%s\" has no classification, and others have",
                             without->name ? without->name : "", name);
            } else if (object->datastore->production && !dataset->classification && !with && without) {
                struct finding *finding = check_report(
                    run->findings, CHECK_MISSING_CLASSIFICATION, dataset->place,
                    "dataset \"%s\" of production Datastore \"%s\" has no classification", name, object->name);
                finding_hint(run->findings, finding, "classification: on the dataset, or on each column");
            }
        }
    }
}

/* Whether `below` is the place `above` or lies in it. */
static bool lies_in(struct str below, struct str above)
{
    return str_starts(below, above) &&
           (below.len == above.len || below.data[above.len] == '/' || below.data[above.len] == ':');
}

static bool listed(const struct texts *list, struct str value)
{
    for (size_t i = 0; i < list->len; i++)
        if (lies_in(value, str_from(list->items[i])))
            return true;
    return false;
}

static bool permits(const struct policy *policy, struct str value)
{
    if (!policy->present)
        return true;
    return (policy->allow.len == 0 || listed(&policy->allow, value)) && !listed(&policy->deny, value);
}

static const struct object *zone_of(const struct check_run *run, const char *team)
{
    if (!team)
        return NULL;
    struct str rest = str_from(team);
    return map_get(&run->model->by_kind[OBJECT_ZONE], str_cut(&rest, '/'));
}

static void refuse(struct check_run *run, const struct object *zone, const struct policy *policy, const char *what,
                   const char *of, struct place place)
{
    struct finding *finding = check_report(run->findings, CHECK_POLICY, place,
                                           "GovernanceZone \"%s\" does not permit %s of %s", zone->name, what, of);
    finding_hint(run->findings, finding, "its policy is at %s:%u", policy->place.path, policy->place.line);
}

/* The zone's policies on where a container is and whose machines those are. */
static void check_container(struct check_run *run, const struct object *zone, const struct object *container,
                            struct place place)
{
    if (!zone || !container)
        return;
    const struct texts *locations = &container->container->locations;
    if (!zone->zone->policies.locations.present && !zone->zone->policies.vendors.present)
        return;
    for (size_t i = 0; i < locations->len; i++) {
        struct str location = str_from(locations->items[i]), rest = location, vendor = str_cut(&rest, ':');
        const char *of = arena_printf(run->arena, "DataContainer \"%s\"", container->name);
        if (!permits(&zone->zone->policies.locations, location))
            refuse(run, zone, &zone->zone->policies.locations,
                   arena_printf(run->arena, "location \"%s\"", locations->items[i]), of, place);
        if (!permits(&zone->zone->policies.vendors, vendor))
            refuse(run, zone, &zone->zone->policies.vendors,
                   arena_printf(run->arena, "vendor \"" STR_FMT "\"", STR_ARG(vendor)), of, place);
    }
}

static const char *dataset_title(struct check_run *run, const struct dataset *dataset)
{
    return arena_printf(run->arena, "dataset \"%s\"", dataset->name ? dataset->name : "");
}

static void check_classes(struct check_run *run, const struct object *zone, const struct dataset *dataset,
                          struct place place, bool own)
{
    if (!zone || !zone->zone->policies.classifications.present)
        return;
    const struct policy *policy = &zone->zone->policies.classifications;
    if (dataset->classification && !permits(policy, str_from(dataset->classification)))
        refuse(run, zone, policy, arena_printf(run->arena, "classification \"%s\"", dataset->classification),
               dataset_title(run, dataset), own ? model_place(run->model, dataset->classification, place) : place);
    vec_each(column, &dataset->columns)
    {
        if (!column->classification || permits(policy, str_from(column->classification)))
            continue;
        refuse(run, zone, policy, arena_printf(run->arena, "classification \"%s\"", column->classification),
               dataset_title(run, dataset), own ? column->place : place);
        if (!own)
            break; /* once a sink */
    }
}

static void check_producer(struct check_run *run, const struct object *object)
{
    const struct object *zone = zone_of(run, object->datastore->team);
    const struct capture *capture = &object->datastore->capture;
    if (capture->present)
        check_container(run, zone, model_find(run->model, OBJECT_CONTAINER, capture->container),
                        model_place(run->model, capture->container, capture->place));
    vec_each(dataset, &object->datastore->datasets) check_classes(run, zone, dataset, dataset->place, true);
}

/* Pairs of a zone and a container that were looked at in one group: there are few of either. Without a container: all
 * that the group's data will lie in. */
struct pair {
    const struct object *zone, *container;
};
struct pairs {
    struct arena *arena;
    vec(struct pair) list;
};

static bool first_time(struct pairs *done, const struct object *zone, const struct object *container)
{
    vec_each(pair, &done->list) if (pair->zone == zone && pair->container == container) return false;
    *vec_push(done->arena, &done->list) = (struct pair){zone, container};
    return true;
}

/* Which data platforms pull a workspace's inputs because somebody there consumes what its transformer makes: those of
 * groups that consume its output, and those that pull such a consumer in turn. One byte for each platform of the run,
 * by the index of the workspace's object; no bytes where there is no transformer. */
struct pulls {
    char **by_object;
    vec(const struct object *) work;
};

static void pull(struct check_run *run, struct pulls *pulls, const struct object *maker, size_t platform)
{
    char **slot = &pulls->by_object[maker - run->model->objects];
    if (!*slot)
        *slot = arena_calloc(run->arena, run->platforms.len, 1);
    if ((*slot)[platform])
        return;
    (*slot)[platform] = 1;
    *vec_push(run->arena, &pulls->work) = maker;
}

static void pull_makers(struct check_run *run, struct pulls *pulls, const struct object *consumer)
{
    const char *own = pulls->by_object[consumer - run->model->objects];
    vec_each(group, &consumer->workspace->groups) vec_each(sink, &group->sinks)
    {
        const struct object *maker = sink->store ? map_getz(&run->outputs, sink->store) : NULL;
        for (size_t i = 0; maker && i < run->platforms.len; i++) {
            const struct platform_of *of = run->platforms.entries[i].value;
            if ((own && own[i]) || group_fits(group, of->platform))
                pull(run, pulls, maker, i);
        }
    }
}

static struct pulls find_pulls(struct check_run *run)
{
    struct pulls pulls = {.by_object = arena_calloc(run->arena, run->model->count, sizeof *pulls.by_object)};
    if (!run->outputs.len)
        return pulls;
    check_objects(object, run, OBJECT_WORKSPACE) pull_makers(run, &pulls, object);
    while (pulls.work.len)
        pull_makers(run, &pulls, pulls.work.items[--pulls.work.len]);
    return pulls;
}

/* Where a group's data will lie: the workspace's container, or the merge database of each platform that carries it. */
static void check_group_places(struct check_run *run, const struct object *workspace, const struct group *group,
                               const struct object *zone, const struct sink *sink, const char *pulled,
                               struct pairs *done)
{
    if (!zone || !first_time(done, zone, NULL))
        return;
    const struct object *own = model_find(run->model, OBJECT_CONTAINER, workspace->workspace->container);
    if (own && first_time(done, zone, own))
        check_container(run, zone, own, sink->place);
    map_each(entry, &run->platforms)
    {
        const struct platform_of *of = entry->value;
        bool carried = group_fits(group, of->platform) || (pulled && pulled[entry - run->platforms.entries]);
        if (of->merge && carried && first_time(done, zone, of->merge))
            check_container(run, zone, of->merge, sink->place);
    }
}

static void check_consumer(struct check_run *run, const struct object *object, const char *pulled)
{
    const struct object *zone = zone_of(run, object->workspace->team);
    vec_each(group, &object->workspace->groups)
    {
        struct pairs done = {.arena = run->arena};
        vec_each(sink, &group->sinks)
        {
            if (!check_sink_due(run, object, sink))
                continue;
            const struct sink_target *target = check_sink_target(run, object, group, sink);
            const struct object *store = target->store;
            if (!store)
                continue;
            const struct object *producer = zone_of(run, store->datastore->team);
            check_group_places(run, object, group, producer, sink, pulled, &done);
            check_group_places(run, object, group, zone, sink, pulled, &done);
            if (zone != producer && target->dataset)
                check_classes(run, zone, target->dataset, sink->place, false);
        }
    }
}

/* The nearest vendor, or "Vendor:LOCATION". */
static void suggest_place(struct check_run *run, struct finding *finding, const struct ecosystem *ecosystem,
                          bool vendors, const char *text)
{
    struct map names = {.arena = run->arena};
    vec_each(vendor, &ecosystem->vendors)
    {
        if (!vendor->name)
            continue;
        if (vendors)
            (void)map_put(&names, str_from(vendor->name), vendor);
        for (size_t i = 0; !vendors && i < vendor->locations.len; i++)
            (void)map_put(&names, str_from(arena_printf(run->arena, "%s:%s", vendor->name, vendor->locations.items[i])),
                          vendor);
    }
    check_suggest(run->findings, finding, &names, text);
}

/* A policy that names a place or a vendor which the ecosystem has not is a slip that would permit nothing. */
static void check_policy_values(struct check_run *run, const struct object *zone, const struct policy *policy,
                                bool vendors)
{
    const struct object *ecosystem = model_ecosystem(run->model);
    const struct texts *lists[] = {&policy->allow, &policy->deny};
    for (size_t l = 0; ecosystem && l < 2; l++)
        for (size_t i = 0; i < lists[l]->len; i++) {
            struct str value = str_from(lists[l]->items[i]);
            bool known = false;
            vec_each(vendor, &ecosystem->ecosystem->vendors)
            {
                if (!vendor->name)
                    continue;
                known = known || str_eqz(value, vendor->name);
                for (size_t j = 0; !vendors && !known && j < vendor->locations.len; j++) {
                    const char *full = arena_printf(run->arena, "%s:%s", vendor->name, vendor->locations.items[j]);
                    known = lies_in(str_from(full), value) || lies_in(value, str_from(full));
                }
            }
            if (known)
                continue;
            struct finding *finding = check_report(
                run->findings, CHECK_UNKNOWN_POLICY_VALUE, model_place(run->model, lists[l]->items[i], policy->place),
                "the policy of GovernanceZone \"%s\" names %s \"%s\", which the ecosystem does not have", zone->name,
                vendors ? "vendor" : "location", lists[l]->items[i]);
            suggest_place(run, finding, ecosystem->ecosystem, vendors, lists[l]->items[i]);
        }
}

void check_policy(struct check_run *run)
{
    check_objects(object, run, OBJECT_ZONE)
    {
        check_policy_values(run, object, &object->zone->policies.locations, false);
        check_policy_values(run, object, &object->zone->policies.vendors, true);
    }
    check_due(object, run, OBJECT_DATASTORE) check_producer(run, object);
    struct pulls pulls = find_pulls(run);
    check_due(object, run, OBJECT_WORKSPACE) check_consumer(run, object, pulls.by_object[object - run->model->objects]);
}
