#ifndef YELLOW_MODEL_ANNOTATE_H
#define YELLOW_MODEL_ANNOTATE_H

#include "model/finding.h"

/* Findings for the tools that show them beside the code. folder is where the model lies in what they show, "" for its
 * top: it goes in front of every path. */

/* A SARIF 2.1.0 log with one run; a new reference. Rules are those that were found, in order of their codes. */
json_t *findings_sarif(const struct findings *findings, const char *folder);
/* GitHub workflow commands, one a line: ::error file=...,line=...,col=...,title=CODE::TEXT. */
void findings_github(const struct findings *findings, const char *folder, struct buf *out);

#endif
