import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { UftpRefusal } from './refusal';

/** An element: its attributes are texts, its child elements lists of elements. */
export interface XmlElement {
  readonly [name: string]: string | readonly XmlElement[];
}

/** A document: the name of its root and the root. */
export interface XmlDocument {
  readonly root: string;
  readonly element: unknown;
}

/** Longest document that is read, in characters; a FlexOffer of 20 options with 100 ISPs each has about 120,000. */
const CHARACTERS_MAX = 1_000_000;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  ignoreDeclaration: true,
  parseAttributeValue: false,
  parseTagValue: false,
  isArray: (_name, _path, _isLeaf, isAttribute) => !isAttribute,
});
/**
 * Reads a document. A document type is refused before anything is parsed: no message of UFTP has one, and without one there are no entities
 * but the five of XML itself, so none can be expanded or fetched.
 *
 * @throws UftpRefusal where it is no well-formed document of one root
 */
export function readXml(text: string): XmlDocument {
  if (text.length > CHARACTERS_MAX) throw new UftpRefusal('Invalid Message', 'the document is too long');
  if (/<!(?!--|\[CDATA\[)/.test(text)) throw new UftpRefusal('Invalid Message', 'a document type is not accepted');
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw new UftpRefusal('Invalid Message', `no well-formed XML: ${valid.err.msg}`);
  const document: unknown = parser.parse(text);
  const roots = Object.entries(document ?? {});
  const [root] = roots;
  const elements: unknown = root?.[1];
  if (root === undefined || roots.length !== 1 || !Array.isArray(elements) || elements.length !== 1) {
    throw new UftpRefusal('Invalid Message', 'a document has one root');
  }
  return { root: root[0], element: elements[0] };
}

/** Writes a document with an XML declaration. */
export function writeXml(root: string, element: XmlElement): string {
  return ['<?xml version="1.0" encoding="UTF-8"?>', ...linesOf(root, element, '')].join('\n');
}

function linesOf(name: string, element: XmlElement, indent: string): readonly string[] {
  const members = Object.entries(element);
  const attributes = members.flatMap(([key, value]) =>
    typeof value === 'string' ? [` ${key}="${escaped(value)}"`] : [],
  );
  const children = members.flatMap(([key, value]) =>
    typeof value === 'string' ? [] : value.flatMap((child) => linesOf(key, child, `${indent}  `)),
  );
  const start = `${indent}<${name}${attributes.join('')}`;
  return children.length === 0 ? [`${start}/>`] : [`${start}>`, ...children, `${indent}</${name}>`];
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(value: string): string {
  return value.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character);
}
