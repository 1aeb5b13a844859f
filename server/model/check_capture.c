#include "model/checks.h"

#include "model/datatype.h"
#include "model/fields.h"

/* Which keys of a dataset go with which capture. */
static const struct {
    const char *key;
    size_t offset;
    unsigned captures; /* bit set of enum capture_type */
} dataset_keys[] = {
    {"table", offsetof(struct dataset, table), 1u << CAPTURE_SQL_SNAPSHOT | 1u << CAPTURE_SQL_INCREMENTAL},
    {"watermark", offsetof(struct dataset, watermark), 1u << CAPTURE_SQL_INCREMENTAL},
    {"prefix", offsetof(struct dataset, prefix), 1u << CAPTURE_CSV_S3},
    {"pattern", offsetof(struct dataset, pattern), 1u << CAPTURE_CSV_S3},
    {"path", offsetof(struct dataset, path), 1u << CAPTURE_JSON_API},
    {"records", offsetof(struct dataset, records), 1u << CAPTURE_JSON_API},
};

static const char *capture_name(enum capture_type type)
{
    return type == CAPTURE_TRANSFORMER ? "a transformer's output" : capture_type_names[type];
}

static void check_dataset_keys(struct check_run *run, enum capture_type type, const struct dataset *dataset)
{
    for (size_t i = 0; i < sizeof dataset_keys / sizeof *dataset_keys; i++) {
        const char *text;
        memcpy(&text, (const char *)dataset + dataset_keys[i].offset, sizeof text);
        if (text && !(dataset_keys[i].captures >> type & 1))
            check_report(run->findings, CHECK_CAPTURE_KEY, model_place(run->model, text, dataset->place),
                         "\"%s\" of dataset \"%s\" does not go with %s", dataset_keys[i].key, dataset->name,
                         capture_name(type));
    }
    if (type == CAPTURE_JSON_API && !dataset->path)
        check_report(run->findings, CHECK_CAPTURE_KEY, dataset->place,
                     "dataset \"%s\" of a json-api capture has no \"path\"", dataset->name);
    if (type == CAPTURE_CSV_S3 && !dataset->prefix && !dataset->pattern)
        check_report(run->findings, CHECK_CAPTURE_KEY, dataset->place,
                     "dataset \"%s\" of a csv-s3 capture has neither \"prefix\" nor \"pattern\"", dataset->name);
}

static void check_watermark(struct check_run *run, const struct capture *capture, const struct dataset *dataset)
{
    const char *name = dataset->watermark ? dataset->watermark : capture->watermark;
    if (!name) {
        struct finding *finding = check_report(run->findings, CHECK_WATERMARK, dataset->place,
                                               "dataset \"%s\" has no watermark column", dataset->name);
        finding_hint(run->findings, finding, "watermark: COLUMN on the capture or on the dataset");
        return;
    }
    struct place place = model_place(run->model, dataset->watermark, dataset->place);
    const struct column *column = NULL;
    vec_each(candidate, &dataset->columns) if (candidate->name && strcmp(candidate->name, name) == 0) column =
        candidate;
    struct datatype type;
    struct err err;
    if (!column) {
        struct map names = {.arena = run->arena};
        vec_each(candidate, &dataset->columns) if (candidate->name)(void)
            map_put(&names, str_from(candidate->name), candidate);
        struct finding *finding =
            check_report(run->findings, CHECK_WATERMARK, place,
                         "dataset \"%s\" has no column \"%s\" to be its watermark", dataset->name, name);
        check_suggest(run->findings, finding, &names, name);
    } else if (column->type && datatype_parse(str_from(column->type), &type, &err) == 0 && !datatype_orders(&type)) {
        struct finding *finding =
            check_report(run->findings, CHECK_WATERMARK, column->place,
                         "watermark \"%s\" of dataset \"%s\" is %s, which has no order that grows", name, dataset->name,
                         column->type);
        finding_hint(run->findings, finding, "an integer, decimal, date, timestamp or timestamptz");
    } else if (column->nullable) {
        check_report(run->findings, CHECK_WATERMARK, column->place, "watermark \"%s\" of dataset \"%s\" is nullable",
                     name, dataset->name);
    }
}

static void option(struct check_run *run, const char *text, struct place owner, const char *what)
{
    check_report(run->findings, CHECK_CAPTURE_OPTION, model_place(run->model, text, owner), "%s", what);
}

/* One character of UTF-8. */
static bool is_character(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n == 1;
}

static void check_csv(struct check_run *run, const struct capture *capture)
{
    const struct csv_options *csv = &capture->csv;
    if (!is_character(csv->delimiter) || strpbrk(csv->delimiter, "\r\n"))
        option(run, csv->delimiter, capture->place, "the delimiter is not one character, or is an end of line");
    if (csv->quote[0] && !is_character(csv->quote))
        option(run, csv->quote, capture->place, "the quote is not one character; \"\" is none");
    if (strcmp(csv->delimiter, csv->quote) == 0)
        option(run, csv->quote, capture->place, "delimiter and quote are the same");
}

static void check_paging(struct check_run *run, const struct capture *capture)
{
    const struct paging *paging = &capture->paging;
    bool by_parameter = strcmp(paging->type, "none") != 0 && strcmp(paging->type, "link") != 0;
    bool cursor = strcmp(paging->type, "cursor") == 0;
    if (by_parameter && !paging->parameter)
        option(run, paging->type, capture->place, "paging by page, offset or cursor has no \"parameter\"");
    if (!by_parameter && paging->parameter)
        option(run, paging->parameter, capture->place, "paging by none or link takes no \"parameter\"");
    if (cursor != (paging->pointer != NULL))
        option(run, cursor ? paging->type : paging->pointer, capture->place,
               cursor ? "paging by cursor has no \"pointer\"" : "only paging by cursor takes a \"pointer\"");
    if (strcmp(paging->type, "offset") == 0 && paging->size == 0)
        option(run, paging->type, capture->place, "paging by offset has no \"size\"");
}

/* One or two parts, as ingest/sql_source.c reads them: as they are written, or in double quotes as SQL has it. */
static bool is_table(const char *text)
{
    for (int parts = 1; parts <= 2; parts++, text++) {
        bool quoted = *text == '"' && strchr(text + 1, '"');
        size_t len = 0;
        for (text += quoted; *text && (quoted ? *text != '"' || text[1] == '"' : *text != '.'); text++, len++)
            text += quoted && *text == '"';
        if (len < 1 || len > 63 || (quoted && *text++ != '"') || (*text && *text != '.'))
            return false;
        if (!*text)
            return true;
    }
    return false;
}

void check_capture(struct check_run *run)
{
    check_objects(object, run, OBJECT_DATASTORE)
    {
        const struct capture *capture = &object->datastore->capture;
        if (capture->present && capture->type == CAPTURE_TRANSFORMER)
            continue; /* its type is missing or unknown, which was said */
        if (capture->type == CAPTURE_CSV_S3)
            check_csv(run, capture);
        if (capture->type == CAPTURE_JSON_API)
            check_paging(run, capture);
        vec_each(dataset, &object->datastore->datasets)
        {
            if (!dataset->name)
                continue;
            check_dataset_keys(run, capture->type, dataset);
            if (capture->type == CAPTURE_SQL_INCREMENTAL)
                check_watermark(run, capture, dataset);
            if (dataset->table && !is_table(dataset->table)) {
                struct finding *finding = check_report(run->findings, CHECK_TABLE_NAME,
                                                       model_place(run->model, dataset->table, dataset->place),
                                                       "\"%s\" is no table", dataset->table);
                finding_hint(run->findings, finding,
                             "table or schema.table, each part at most 63 bytes, one with a dot in double quotes");
            }
        }
    }
}
