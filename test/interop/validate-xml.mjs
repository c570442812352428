/*
 * Validates XML documents against an XML schema with libxml2, in a process of its own because the library is an ES module.
 *
 *   node validate-xml.mjs SCHEMA.xsd < {"NAME": "XML", ...}
 *
 * Prints {"NAME": [PROBLEM, ...], ...}.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs';

xmlRegisterFsInputProviders();
const schemaFile = path.resolve(process.argv[2] ?? '');
const schema = XmlDocument.fromBuffer(readFileSync(schemaFile), { url: schemaFile });
const validator = XsdValidator.fromDoc(schema);

function problemsOf(xml) {
  try {
    const document = XmlDocument.fromString(xml);
    validator.validate(document);
    return [];
  } catch (error) {
    return [error.message];
  }
}

const documents = JSON.parse(readFileSync(0, 'utf8'));
const problems = Object.entries(documents).map(([name, xml]) => [name, problemsOf(xml)]);
process.stdout.write(JSON.stringify(Object.fromEntries(problems)));
