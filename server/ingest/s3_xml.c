#include "ingest/s3_xml.h"

#include "base/buf.h"
#include "http/url.h"

#include <expat.h>

enum { DEPTH_MAX = 8, TEXT_MAX = 16 << 10 };

struct s3_xml {
    struct arena *arena;
    XML_Parser parser;
    struct s3_answer answer;
    const char *path[DEPTH_MAX]; /* names of the open elements, of those that count */
    int depth;
    struct buf *text;
    bool bad;
};

/* What is read, by the path from the root. */
enum leaf { LEAF_KEY, LEAF_ETAG, LEAF_SIZE, LEAF_MODIFIED, LEAF_TRUNCATED, LEAF_TOKEN, LEAF_ENCODING, LEAF_CODE };
static const struct {
    const char *parent, *name;
    enum leaf leaf;
} leaves[] = {
    {"Contents", "Key", LEAF_KEY},
    {"Contents", "ETag", LEAF_ETAG},
    {"Contents", "Size", LEAF_SIZE},
    {"Contents", "LastModified", LEAF_MODIFIED},
    {"ListBucketResult", "IsTruncated", LEAF_TRUNCATED},
    {"ListBucketResult", "NextContinuationToken", LEAF_TOKEN},
    {"ListBucketResult", "EncodingType", LEAF_ENCODING},
    {"Error", "Code", LEAF_CODE},
};

/* Without a prefix of a namespace: some servers write one. */
static const char *local_name(const char *name)
{
    const char *colon = strchr(name, ':');
    return colon ? colon + 1 : name;
}

static void XMLCALL start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
    struct s3_xml *xml = ctx;
    (void)attributes;
    name = local_name(name);
    if (xml->depth < DEPTH_MAX)
        xml->path[xml->depth] = arena_strdup(xml->arena, name);
    else
        xml->bad = true;
    xml->depth++;
    buf_cut(xml->text, 0);
    if (xml->depth == 2 && strcmp(name, "Contents") == 0)
        (void)vec_push(xml->arena, &xml->answer.objects);
}

static const char *without_quotes(struct arena *arena, struct str text)
{
    while (text.len && text.data[0] == '"')
        text.data++, text.len--;
    while (text.len && text.data[text.len - 1] == '"')
        text.len--;
    return arena_strndup(arena, text.data, text.len);
}

static void take(struct s3_xml *xml, enum leaf leaf)
{
    struct s3_answer *answer = &xml->answer;
    struct s3_object *object =
        answer->objects.len ? &answer->objects.items[answer->objects.len - 1] : &(struct s3_object){0};
    struct str text = buf_str(xml->text);
    switch (leaf) {
    case LEAF_KEY:
        object->key = arena_strndup(xml->arena, text.data, text.len);
        break;
    case LEAF_ETAG:
        object->etag = without_quotes(xml->arena, text);
        break;
    case LEAF_SIZE:
        xml->bad |= !str_int64(text, 0, INT64_MAX, &object->bytes);
        break;
    case LEAF_MODIFIED:
        object->modified = arena_strndup(xml->arena, text.data, text.len);
        break;
    case LEAF_TRUNCATED:
        answer->truncated = str_eq(text, STR("true"));
        break;
    case LEAF_TOKEN:
        answer->token = arena_strndup(xml->arena, text.data, text.len);
        break;
    case LEAF_ENCODING:
        answer->encoded = str_eq(text, STR("url"));
        break;
    case LEAF_CODE:
        answer->code = arena_strndup(xml->arena, text.data, text.len < 100 ? text.len : 100);
        break;
    }
}

static void XMLCALL end(void *ctx, const XML_Char *name)
{
    struct s3_xml *xml = ctx;
    name = local_name(name);
    xml->depth--;
    for (size_t i = 0; !xml->bad && xml->depth >= 1 && xml->depth <= 2 && i < sizeof leaves / sizeof *leaves; i++)
        if (strcmp(leaves[i].name, name) == 0 && strcmp(leaves[i].parent, xml->path[xml->depth - 1]) == 0)
            take(xml, leaves[i].leaf);
    buf_cut(xml->text, 0);
}

static void XMLCALL characters(void *ctx, const XML_Char *text, int len)
{
    struct s3_xml *xml = ctx;
    if (xml->text->len + (size_t)len > TEXT_MAX)
        xml->bad = true;
    else
        buf_add(xml->text, text, (size_t)len);
}

/* A document type could define entities: S3 has none. */
static void XMLCALL doctype(void *ctx, const XML_Char *name, const XML_Char *system, const XML_Char *public, int subset)
{
    struct s3_xml *xml = ctx;
    (void)name;
    (void)system;
    (void)public;
    (void)subset;
    xml->bad = true;
    (void)XML_StopParser(xml->parser, XML_FALSE);
}

static void free_parser(void *parser)
{
    XML_ParserFree(parser);
}

struct s3_xml *s3_xml_new(struct arena *arena)
{
    struct s3_xml *xml = arena_alloc(arena, sizeof *xml);
    xml->arena = arena;
    xml->text = buf_new(arena);
    xml->parser = XML_ParserCreate(NULL);
    if (!xml->parser)
        abort();
    arena_defer(arena, free_parser, xml->parser);
    XML_SetUserData(xml->parser, xml);
    XML_SetElementHandler(xml->parser, start, end);
    XML_SetCharacterDataHandler(xml->parser, characters);
    XML_SetStartDoctypeDeclHandler(xml->parser, doctype);
    return xml;
}

int s3_xml_add(struct s3_xml *xml, struct str piece, bool last, struct err *err)
{
    enum XML_Status status = XML_Parse(xml->parser, piece.len ? piece.data : "", (int)piece.len, last);
    if (xml->bad)
        return err_set(err, ERR_SYNTAX, "XML that no S3 server writes");
    if (status != XML_STATUS_OK)
        return err_set(err, ERR_SYNTAX, "no XML: line %lu: %s", XML_GetCurrentLineNumber(xml->parser),
                       XML_ErrorString(XML_GetErrorCode(xml->parser)));
    return 0;
}

int s3_xml_finish(struct s3_xml *xml, struct s3_answer **out, struct err *err)
{
    struct s3_answer *answer = &xml->answer;
    if (!xml->path[0] || (strcmp(xml->path[0], "ListBucketResult") != 0 && strcmp(xml->path[0], "Error") != 0))
        return err_set(err, ERR_SYNTAX, "the root is no ListBucketResult");
    vec_each(object, &answer->objects)
    {
        if (!object->key || !object->etag || !object->etag[0])
            return err_set(err, ERR_SYNTAX, "an object without key or ETag");
        if (answer->encoded && !(object->key = url_decode(xml->arena, str_from(object->key), true)))
            return err_set(err, ERR_SYNTAX, "a key that is no text");
        object->modified = object->modified ? object->modified : "";
    }
    if (answer->truncated && !answer->token)
        return err_set(err, ERR_SYNTAX, "a part of a list without a token for the next");
    *out = answer;
    return 0;
}
