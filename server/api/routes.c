#include "api/routes.h"

#include "api/deliveries.h"
#include "api/ecosystems.h"
#include "api/merges.h"
#include "api/objects.h"
#include "api/stacks.h"
#include "api/versions.h"
#include "api/webhooks.h"

#define ECO "/v1/ecosystems/{eco}"

enum { BODY = 64 << 10, WEBHOOK_BODY = 25 << 20 };

/* One line a route. clang-format would tear them apart. */
/* clang-format off */
static const struct http_route routes[] = {
    {HTTP_GET, "/v1/ecosystems", ecosystems_list, "ecosystem:read", "listEcosystems", 0, 0},
    {HTTP_GET, ECO, ecosystems_get, "ecosystem:read", "getEcosystem", 0, 0},
    {HTTP_PUT, ECO, ecosystems_put, "ecosystem:write", "putEcosystem", 0, BODY},

    {HTTP_POST, ECO "/webhooks/github", webhooks_github, SCOPE_SIGNATURE, "receiveGithubWebhook", ROUTE_RAW_BODY, WEBHOOK_BODY},
    {HTTP_GET, ECO "/deliveries", deliveries_list, "delivery:read", "listDeliveries", 0, 0},
    {HTTP_GET, ECO "/deliveries/{id}", deliveries_get, "delivery:read", "getDelivery", 0, 0},
    {HTTP_POST, ECO "/deliveries/{id}/redeliver", deliveries_redeliver, "delivery:write", "redeliverDelivery", ROUTE_IDEMPOTENCY, BODY},
    {HTTP_POST, ECO "/merges", merges_post, "delivery:write", "mergeHead", ROUTE_IDEMPOTENCY, BODY},

    {HTTP_GET, ECO "/versions", versions_list, "model:read", "listVersions", 0, 0},
    {HTTP_GET, ECO "/versions/{n}", versions_get, "model:read", "getVersion", 0, 0},
    {HTTP_GET, ECO "/versions/{n}/plan", versions_plan, "model:read", "getPlan", 0, 0},
    {HTTP_GET, ECO "/datastores", objects_datastores, "model:read", "listDatastores", 0, 0},
    {HTTP_GET, ECO "/datastores/{datastore}", objects_datastore, "model:read", "getDatastore", 0, 0},
    {HTTP_GET, ECO "/workspaces", objects_workspaces, "model:read", "listWorkspaces", 0, 0},
    {HTTP_GET, ECO "/workspaces/{workspace}", objects_workspace, "model:read", "getWorkspace", 0, 0},
    {HTTP_GET, ECO "/teams", objects_teams, "model:read", "listTeams", 0, 0},
    {HTTP_GET, ECO "/psps", objects_psps, "model:read", "listPsps", 0, 0},
    {HTTP_GET, ECO "/psps/{psp}", objects_psp, "model:read", "getPsp", 0, 0},

    {HTTP_GET, ECO "/psps/{psp}/stack", stacks_get, "stack:read", "getStack", 0, 0},
    {HTTP_GET, ECO "/psps/{psp}/artifacts", stacks_artifacts, "stack:read", "listArtifacts", 0, 0},
    {HTTP_GET, ECO "/psps/{psp}/artifacts/{artifact}", stacks_artifact, "stack:read", "getArtifact", 0, 0},
};
/* clang-format on */

const struct http_route *routes_all(size_t *count)
{
    *count = sizeof routes / sizeof *routes;
    return routes;
}
