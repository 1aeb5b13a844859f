#ifndef YELLOW_MODEL_OWNERSHIP_H
#define YELLOW_MODEL_OWNERSHIP_H

#include "model/model.h"

/* Who may change what (DOMAIN.md section 3). A part of a model is one document, or one file that documents name. It
 * belongs to the ecosystem (the Ecosystem with its zone declarations, PSPs, components, assemblies, containers and
 * credentials without a team), to a zone (its GovernanceZone: policies and team declarations) or to a team (its stores,
 * workspaces, containers, credentials, and the SQL of its transformers). */

/* Adds a finding for each part that differs between the models and does not belong to the pusher, one when the parts
 * that differ belong to several owners, and one for each declaration that goes while its definition stands. The owner
 * in force judges: owners are those that `from` declares, and those of `to` only for what `from` does not declare. Of a
 * first version (from NULL) only the Ecosystem's own owner has to be the pusher. Both models have loaded without errors
 * of reading. */
void ownership_check(const struct model *from, const struct model *to, const struct owner *pusher,
                     struct findings *findings);

/* Whether the object is the pusher's by the owners in force, wherever it is defined. */
bool ownership_holds(const struct model *in_force, const struct object *object, const struct owner *pusher);

/* Byte for byte: case, spaces and look-alike characters are different owners. */
bool owner_equal(const struct owner *a, const struct owner *b);
/* What a text is read as, when case, spaces, invisible and look-alike characters do not count; on the arena. */
const char *owner_skeleton(struct arena *arena, const char *text);
/* Whether two texts that differ are read as one. */
bool owner_looks_alike(const char *a, const char *b);

#endif
