# SPDX-License-Identifier: GPL-2.0-or-later
"""The part of JSON Schema that docs/report.schema.json uses, and not a word more: an unknown keyword is an error."""
import re

KNOWN = {'$schema', '$comment', '$defs', '$ref', 'title', 'description', 'type', 'additionalProperties', 'required',
         'properties', 'items', 'enum', 'const', 'minimum', 'minLength', 'pattern'}
TYPES = {'object': dict, 'array': list, 'string': str, 'boolean': bool, 'null': type(None),
         'number': (int, float)}


def is_type(value, name):
    if name == 'integer':
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def check_object(value, schema, root, where):
    properties = schema.get('properties', {})
    for key in schema.get('required', ()):
        if key not in value:
            yield '%s: %s is missing' % (where, key)
    for key, member in value.items():
        if key in properties:
            yield from check(member, properties[key], root, '%s.%s' % (where, key))
        elif schema.get('additionalProperties') is False:
            yield '%s: %s is not in the schema' % (where, key)


def check(value, schema, root, where='report'):
    """Yield what is wrong."""
    if set(schema) - KNOWN:
        yield 'schema at %s: cannot check %s' % (where, set(schema) - KNOWN)
    if '$ref' in schema:
        yield from check(value, root['$defs'][schema['$ref'].rsplit('/', 1)[1]], root, where)
    kinds = schema.get('type')
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(is_type(value, k) for k in kinds):
        yield '%s: %r is no %s' % (where, value, ' or '.join(kinds))
        return
    if 'const' in schema and value != schema['const']:
        yield '%s: %r instead of %r' % (where, value, schema['const'])
    if 'enum' in schema and value not in schema['enum']:
        yield '%s: %r is none of %r' % (where, value, schema['enum'])
    if is_type(value, 'integer') and value < schema.get('minimum', value):
        yield '%s: %d is too small' % (where, value)
    if isinstance(value, str):
        if len(value) < schema.get('minLength', 0):
            yield '%s: the string is too short' % where
        if 'pattern' in schema and not re.search(schema['pattern'], value):
            yield '%s: %r does not match %s' % (where, value, schema['pattern'])
    if isinstance(value, list) and 'items' in schema:
        for i, member in enumerate(value):
            yield from check(member, schema['items'], root, '%s[%d]' % (where, i))
    if isinstance(value, dict):
        yield from check_object(value, schema, root, where)
