#ifndef YELLOW_API_OBJECTS_H
#define YELLOW_API_OBJECTS_H

#include "http/http.h"

/* GET .../datastores, .../workspaces, .../psps, .../teams, each ?version=&at=&limit=&cursor=; and .../NAME. Out of
 * memory: no SQL runs while the version in force is there. A page that goes on stays at the version of the first. */
http_handler objects_datastores, objects_datastore, objects_workspaces, objects_workspace, objects_teams, objects_psps,
    objects_psp;

#endif
