#include "api/routes.h"

#include "api/approvals.h"
#include "api/audit_log.h"
#include "api/declarations.h"
#include "api/deliveries.h"
#include "api/ecosystems.h"
#include "api/graph.h"
#include "api/hints.h"
#include "api/holds.h"
#include "api/merges.h"
#include "api/objects.h"
#include "api/operations.h"
#include "api/plans.h"
#include "api/probes.h"
#include "api/repositories.h"
#include "api/rollbacks.h"
#include "api/runs.h"
#include "api/schedule.h"
#include "api/schemas.h"
#include "api/stacks.h"
#include "api/status.h"
#include "api/streams.h"
#include "api/transformer_code.h"
#include "api/versions.h"
#include "api/webhooks.h"
#include "api/work_order.h"

#define ECO "/v1/ecosystems/{eco}"
#define REPOSITORY ECO "/repositories/{repository}"
#define STREAM ECO "/platforms/{platform}/streams/{stream}"
#define TRANSFORMER ECO "/platforms/{platform}/transformers/{transformer}"

enum { BODY = 64 << 10, WEBHOOK_BODY = 25 << 20 };

/* One line a route. clang-format would tear them apart. */
/* clang-format off */
static const struct http_route routes[] = {
    {HTTP_GET, "/livez", probes_live, SCOPE_PUBLIC, "getLive", ROUTE_INLINE, 0},
    {HTTP_GET, "/readyz", probes_ready, SCOPE_PUBLIC, "getReady", 0, 0},
    {HTTP_GET, "/metrics", probes_metrics, SCOPE_PUBLIC, "getMetrics", 0, 0},
    {HTTP_GET, "/openapi.yaml", probes_openapi, SCOPE_PUBLIC, "getOpenapi", ROUTE_INLINE, 0},
    {HTTP_GET, "/v1/schemas/{schema}", schemas_get, SCOPE_PUBLIC, "getSchema", 0, 0},

    {HTTP_GET, "/v1/ecosystems", ecosystems_list, "ecosystem:read", "listEcosystems", 0, 0},
    {HTTP_GET, ECO, ecosystems_get, "ecosystem:read", "getEcosystem", 0, 0},
    {HTTP_PUT, ECO, ecosystems_put, "ecosystem:write", "putEcosystem", 0, BODY},

    {HTTP_GET, ECO "/repositories", repositories_list, "ecosystem:read", "listRepositories", 0, 0},
    {HTTP_GET, REPOSITORY, repositories_get, "ecosystem:read", "getRepository", 0, 0},
    {HTTP_PUT, REPOSITORY, ecosystems_put, "ecosystem:write", "putRepository", 0, BODY},
    {HTTP_DELETE, REPOSITORY, repositories_delete, "ecosystem:write", "deleteRepository", ROUTE_IF_MATCH, 0},
    {HTTP_POST, REPOSITORY "/webhooks/{forge}", webhooks_receive, SCOPE_SIGNATURE, "receiveRepositoryWebhook", ROUTE_RAW_BODY, WEBHOOK_BODY},

    {HTTP_POST, ECO "/webhooks/{forge}", webhooks_receive, SCOPE_SIGNATURE, "receiveWebhook", ROUTE_RAW_BODY, WEBHOOK_BODY},
    {HTTP_GET, ECO "/deliveries", deliveries_list, "delivery:read", "listDeliveries", 0, 0},
    {HTTP_GET, ECO "/deliveries/{id}", deliveries_get, "delivery:read", "getDelivery", 0, 0},
    {HTTP_POST, ECO "/deliveries/{id}/redeliver", deliveries_redeliver, "delivery:write", "redeliverDelivery", ROUTE_IDEMPOTENCY, BODY},
    {HTTP_POST, ECO "/merges", merges_post, "delivery:write", "mergeHead", ROUTE_IDEMPOTENCY, BODY},

    {HTTP_GET, ECO "/approvals", approvals_list, "model:read", "listApprovals", 0, 0},
    {HTTP_POST, ECO "/approvals", approvals_post, "approval:write", "approvePlan", ROUTE_IDEMPOTENCY, BODY},
    {HTTP_DELETE, ECO "/approvals/{id}", approvals_delete, "approval:write", "withdrawApproval", 0, 0},

    {HTTP_POST, ECO "/rollbacks", rollbacks_post, "version:write", "rollBack", ROUTE_IDEMPOTENCY, BODY},
    {HTTP_GET, ECO "/holds", holds_list, "model:read", "listHolds", 0, 0},
    {HTTP_POST, ECO "/holds", holds_post, "version:write", "holdCommit", ROUTE_IDEMPOTENCY, BODY},
    {HTTP_GET, ECO "/holds/{id}", holds_get, "model:read", "getHold", 0, 0},
    {HTTP_POST, ECO "/holds/{id}/release", holds_release, "version:write", "releaseHold", ROUTE_IDEMPOTENCY, BODY},

    {HTTP_POST, ECO "/plans", plans_post, "model:read", "planRef", 0, BODY},

    {HTTP_GET, ECO "/versions", versions_list, "model:read", "listVersions", 0, 0},
    {HTTP_GET, ECO "/versions/{n}", versions_get, "model:read", "getVersion", 0, 0},
    {HTTP_GET, ECO "/versions/{n}/plan", versions_plan, "model:read", "getPlan", 0, 0},
    {HTTP_GET, ECO "/datastores", objects_datastores, "model:read", "listDatastores", ROUTE_MODEL, 0},
    {HTTP_GET, ECO "/datastores/{datastore}", objects_datastore, "model:read", "getDatastore", ROUTE_MODEL, 0},
    {HTTP_GET, ECO "/workspaces", objects_workspaces, "model:read", "listWorkspaces", ROUTE_MODEL, 0},
    {HTTP_GET, ECO "/workspaces/{workspace}", objects_workspace, "model:read", "getWorkspace", ROUTE_MODEL, 0},
    {HTTP_GET, ECO "/teams", objects_teams, "model:read", "listTeams", ROUTE_MODEL, 0},
    {HTTP_GET, ECO "/graph", graph_get, "model:read", "getGraph", ROUTE_MODEL, 0},
    {HTTP_GET, ECO "/lineage", graph_get_lineage, "model:read", "getLineage", ROUTE_MODEL, 0},
    {HTTP_GET, ECO "/impact", graph_get_impact, "model:read", "getImpact", ROUTE_MODEL, 0},
    {HTTP_GET, ECO "/psps", objects_psps, "model:read", "listPsps", ROUTE_MODEL, 0},
    {HTTP_GET, ECO "/psps/{psp}", objects_psp, "model:read", "getPsp", ROUTE_MODEL, 0},

    {HTTP_GET, ECO "/psps/{psp}/stack", stacks_get, "stack:read", "getStack", ROUTE_MODEL, 0},
    {HTTP_GET, ECO "/psps/{psp}/stack/diff", stacks_diff, "stack:read", "getStackDiff", ROUTE_MODEL, 0},
    {HTTP_GET, ECO "/psps/{psp}/artifacts", stacks_artifacts, "stack:read", "listArtifacts", ROUTE_MODEL, 0},
    {HTTP_GET, ECO "/psps/{psp}/artifacts/{artifact}", stacks_artifact, "stack:read", "getArtifact", ROUTE_MODEL, 0},
    {HTTP_GET, ECO "/psps/{psp}/jobs", schedule_jobs, "status:read", "listPspJobs", ROUTE_MODEL, 0},
    {HTTP_GET, ECO "/psps/{psp}/views", work_order_views, "model:read", "listPspViews", ROUTE_MODEL, 0},
    {HTTP_GET, ECO "/components", declarations_model_components, "stack:read", "listModelComponents", ROUTE_MODEL, 0},
    {HTTP_GET, ECO "/components/{component}", declarations_model_component, "stack:read", "getModelComponent", ROUTE_MODEL, 0},
    {HTTP_GET, ECO "/assemblies", declarations_model_assemblies, "stack:read", "listModelAssemblies", ROUTE_MODEL, 0},
    {HTTP_GET, ECO "/assemblies/{assembly}", declarations_model_assembly, "stack:read", "getModelAssembly", ROUTE_MODEL, 0},
    {HTTP_GET, "/v1/components", declarations_components, "stack:read", "listComponents", 0, 0},
    {HTTP_GET, "/v1/components/{component}", declarations_component, "stack:read", "getComponent", 0, 0},
    {HTTP_GET, "/v1/assemblies", declarations_assemblies, "stack:read", "listAssemblies", 0, 0},
    {HTTP_GET, "/v1/assemblies/{assembly}", declarations_assembly, "stack:read", "getAssembly", 0, 0},

    {HTTP_GET, ECO "/status", status_get, "status:read", "getStatus", ROUTE_INLINE, 0},
    {HTTP_GET, ECO "/audit", audit_log_list, "audit:read", "listAudit", 0, 0},
    {HTTP_GET, ECO "/runs/{run}", runs_get, "status:read", "getRun", 0, 0},
    {HTTP_PATCH, ECO "/runs/{run}", runs_heartbeat, "run:write", "heartbeatRun", 0, BODY},
    {HTTP_POST, ECO "/runs/{run}/finish", runs_finish, "run:write", "finishRun", 0, BODY},

    {HTTP_GET, ECO "/streams", streams_list, "status:read", "listStreams", 0, 0},
    {HTTP_GET, STREAM, streams_get, "status:read", "getStream", 0, 0},
    {HTTP_GET, STREAM "/batches", streams_batches, "status:read", "listStreamBatches", 0, 0},
    {HTTP_POST, STREAM "/runs", runs_start, "run:write", "startStreamRun", ROUTE_IDEMPOTENCY, BODY},
    {HTTP_GET, STREAM "/work", work_order_get, "model:read", "getStreamWork", 0, 0},
    {HTTP_POST, STREAM "/operations", operations_post, "operation:write", "operateStream", 0, BODY},
    {HTTP_GET, STREAM "/resources", hints_resources, "status:read", "getStreamResources", 0, 0},
    {HTTP_GET, STREAM "/hint", hints_get, "status:read", "getStreamHint", 0, 0},
    {HTTP_PUT, STREAM "/hint", hints_put, "hint:write", "putStreamHint", 0, BODY},
    {HTTP_DELETE, STREAM "/hint", hints_delete, "hint:write", "deleteStreamHint", ROUTE_IF_MATCH, 0},

    {HTTP_GET, ECO "/transformers", streams_list, "status:read", "listTransformers", 0, 0},
    {HTTP_GET, TRANSFORMER, streams_get, "status:read", "getTransformer", 0, 0},
    {HTTP_GET, TRANSFORMER "/batches", streams_batches, "status:read", "listTransformerBatches", 0, 0},
    {HTTP_GET, TRANSFORMER "/code", transformer_code_get, "run:write", "getTransformerCode", ROUTE_MODEL, 0},
    {HTTP_POST, TRANSFORMER "/runs", runs_start, "run:write", "startTransformerRun", ROUTE_IDEMPOTENCY, BODY},
    {HTTP_POST, TRANSFORMER "/operations", operations_post, "operation:write", "operateTransformer", 0, BODY},
    {HTTP_GET, TRANSFORMER "/resources", hints_resources, "status:read", "getTransformerResources", 0, 0},
    {HTTP_GET, TRANSFORMER "/hint", hints_get, "status:read", "getTransformerHint", 0, 0},
    {HTTP_PUT, TRANSFORMER "/hint", hints_put, "hint:write", "putTransformerHint", 0, BODY},
    {HTTP_DELETE, TRANSFORMER "/hint", hints_delete, "hint:write", "deleteTransformerHint", ROUTE_IF_MATCH, 0},
};
/* clang-format on */

const struct http_route *routes_all(size_t *count)
{
    *count = sizeof routes / sizeof *routes;
    return routes;
}
