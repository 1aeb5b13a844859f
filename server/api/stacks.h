#ifndef YELLOW_API_STACKS_H
#define YELLOW_API_STACKS_H

#include "http/http.h"

/* GET .../psps/{psp}/stack[?version=n | at=TIME]: the YAML documents, or the list of artifacts as JSON, by Accept. */
http_handler stacks_get;
/* GET .../psps/{psp}/artifacts[?version=n | at=TIME]: name, component, media type, size and SHA-256 of each. */
http_handler stacks_artifacts;
/* GET .../psps/{psp}/artifacts/{artifact}[?version=n | at=TIME]: one artifact's bytes, as its media type. */
http_handler stacks_artifact;
/* GET .../psps/{psp}/stack/diff[?from=n][&to=n | version=n | at=TIME]: what lies between the stacks of two versions, as
 * JSON (paths and texts) or as one unified text, by Accept. */
http_handler stacks_diff;

#endif
