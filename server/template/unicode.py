#!/usr/bin/env python3
"""Writes unicode_tables.h: what the engine knows of Unicode, as Python's str methods see it.

Usage: unicode.py > unicode_tables.h          (only when the Unicode version is to change)
       unicode.py --entities > entities.h     the named characters of HTML 4
"""
import html.entities
import sys
import unicodedata


def runs(test):
    out, start = [], None
    for c in range(sys.maxunicode + 2):
        inside = c <= sys.maxunicode and not 0xD800 <= c < 0xE000 and test(chr(c))
        if inside and start is None:
            start = c
        elif not inside and start is not None:
            out.append((start, c - 1))
            start = None
    return out


def maps(convert):
    """Runs {first, last, step, delta} of characters that one other character stands for."""
    out = []
    for c in range(sys.maxunicode + 1):
        if 0xD800 <= c < 0xE000:
            continue
        to = convert(chr(c))
        if len(to) != 1 or ord(to) == c:
            continue
        delta = ord(to) - c
        if out and out[-1][3] == delta and c - out[-1][1] == out[-1][2] or (
                out and out[-1][0] == out[-1][1] and out[-1][3] == delta and c - out[-1][1] in (1, 2)):
            out[-1][2] = c - out[-1][1]
            out[-1][1] = c
        else:
            out.append([c, c, 1, delta])
    return out


def specials(convert):
    return [(c, [ord(x) for x in convert(chr(c))]) for c in range(sys.maxunicode + 1)
            if not 0xD800 <= c < 0xE000 and len(convert(chr(c))) > 1]


def lines(items, per):
    for i in range(0, len(items), per):
        print("    " + ", ".join(items[i:i + per]) + ",")


def write_entities():
    print("/* The named characters of HTML 4, sorted. Made by unicode.py --entities. */\n/* clang-format off */")
    print("static const struct { const char *name; uint32_t c; } entities[] = {")
    lines(['{"%s", 0x%x}' % item for item in sorted(html.entities.name2codepoint.items())] + ['{"apos", 0x27}'], 6)
    print("};\n/* clang-format on */")


if "--entities" in sys.argv:
    write_entities()
    sys.exit()
print("/* Made by unicode.py from Unicode %s. */" % unicodedata.unidata_version)
print("/* clang-format off */")
for name, test in (("alpha", str.isalpha), ("decimal", str.isdecimal), ("digit", str.isdigit), ("numeric", str.isnumeric),
                   ("space", str.isspace), ("lower", str.islower), ("upper", str.isupper),
                   ("title", lambda c: unicodedata.category(c) == "Lt"),
                   ("hidden", lambda c: not c.isprintable())):
    print("static const struct char_run %s_runs[] = {" % name)
    lines(["{0x%x, 0x%x}" % r for r in runs(test)], 7)
    print("};")
for name, convert in (("lower", str.lower), ("upper", str.upper), ("title", str.title)):
    print("static const struct char_map %s_maps[] = {" % name)
    lines(["{0x%x, 0x%x, %d, %d}" % tuple(m) for m in maps(convert)], 6)
    print("};")
    print("static const struct char_special %s_specials[] = {" % name)
    lines(["{0x%x, {%s}}" % (c, ", ".join("0x%x" % x for x in to)) for c, to in specials(convert)], 5)
    print("};")
print("/* clang-format on */")
