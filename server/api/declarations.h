#ifndef YELLOW_API_DECLARATIONS_H
#define YELLOW_API_DECLARATIONS_H

#include "http/http.h"

/* The built-in components and assemblies as documentation: GET /v1/components[/{component}], /v1/assemblies[/...]. */
int declarations_components(struct http_request *req, struct http_response *res, struct err *err);
int declarations_component(struct http_request *req, struct http_response *res, struct err *err);
int declarations_assemblies(struct http_request *req, struct http_response *res, struct err *err);
int declarations_assembly(struct http_request *req, struct http_response *res, struct err *err);
/* The same of a model version, its own beside the built-in ones: GET /v1/ecosystems/{eco}/components[/{component}],
 * .../assemblies[/{assembly}], each ?version=n. */
http_handler declarations_model_components, declarations_model_component, declarations_model_assemblies,
    declarations_model_assembly;

#endif
