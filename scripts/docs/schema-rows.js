'use strict';

/** @typedef {{ path: string, kind: string }} Row a field, and what may stand in it */

function plural(count, word) {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function listBounds({ minItems = 0, maxItems }) {
  if (maxItems === undefined) return '';
  return minItems === maxItems
    ? ` of ${plural(maxItems, 'entry').replace('entrys', 'entries')}`
    : ` of ${minItems} to ${maxItems}`;
}

/** What a field without parts of its own may hold, in words. */
function leafText(schema) {
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.type === 'integer') return `integer, ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'null') return 'null';
  if (schema.type === 'string') return schema.description ?? 'text';
  return schema.description ?? 'JSON';
}

function rowsOfObject(schema, path) {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const rows = rowsOf(field, path === '' ? name : `${path}.${name}`);
    return required.has(name)
      ? rows
      : rows.map((row, index) => (index === 0 ? { ...row, kind: `${row.kind}; optional` } : row));
  });
}

function rowsOfVariants(variants, path) {
  return variants.flatMap((variant) => {
    const title = variant.title ?? '';
    const rows = rowsOfObject(variant, path === '' ? `(${title})` : `${path}(${title})`);
    return rows.length > 0 ? rows : [{ path: `${path}(${title})`, kind: 'no further fields' }];
  });
}

function rowsOfArray(schema, path) {
  const items = schema.items ?? {};
  const isLeaf = !items.properties && !items.oneOf && !items.items;
  const kind = `list${listBounds(schema)}${isLeaf ? `: ${leafText(items)}` : ''}`;
  return [{ path, kind }, ...(isLeaf ? [] : rowsOf(items, `${path}[]`))];
}

function rowsOfChoice(schema, path) {
  const others = schema.anyOf.filter((choice) => choice.type !== 'null');
  if (others.length !== 1) return [{ path, kind: schema.anyOf.map(leafText).join(' or ') }];
  const [first, ...rest] = rowsOf(others[0], path);
  return [
    { path, kind: `${first && first.path === path ? first.kind : 'object'} or null` },
    ...(first?.path === path ? rest : [first, ...rest]),
  ];
}

/**
 * Flattens a JSON schema into one row per field.
 * @param {object} schema
 * @param {string} path the name of the field the schema is for; empty for the whole document
 * @returns {Row[]}
 */
function rowsOf(schema, path = '') {
  if (schema.oneOf) return rowsOfVariants(schema.oneOf, path);
  if (schema.anyOf) return rowsOfChoice(schema, path);
  if (schema.type === 'object') return rowsOfObject(schema, path);
  if (schema.type === 'array') return rowsOfArray(schema, path);
  return [{ path, kind: leafText(schema) }];
}

module.exports = { rowsOf };
