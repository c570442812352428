/**
 * Fabric's signature policies in their text form, as the chaincode lifecycle and private data collections take them:
 * `AND('A.peer', OR('B.peer', 'C.admin'))`, `OutOf(2, 'A.peer', 'B.peer', 'C.peer')` or a lone `'A.peer'`.
 */

/** The role a principal must have inside its MSP. */
export type PrincipalRole = 'member' | 'admin' | 'client' | 'peer' | 'orderer';

/** A parsed signature policy. `AND` and `OR` are kept as `outOf` with all or one of their rules. */
export type SignaturePolicy =
  | { readonly kind: 'signedBy'; readonly mspId: string; readonly role: PrincipalRole }
  | { readonly kind: 'outOf'; readonly count: number; readonly rules: readonly SignaturePolicy[] };

/** A policy text that is not a policy; the message says at which character and why. */
export class SignaturePolicyError extends Error {
  public readonly code = 'TOPOLOGY_POLICY_INVALID';

  public constructor(text: string, at: number, reason: string) {
    super(`policy "${text}" is not valid at character ${at + 1}: ${reason}`);
    this.name = 'SignaturePolicyError';
  }
}

const ROLES: readonly PrincipalRole[] = ['member', 'admin', 'client', 'peer', 'orderer'];
const DEPTH_MAX = 16;

interface Cursor {
  readonly text: string;
  at: number;
}

/**
 * Parses a signature policy text.
 *
 * @throws SignaturePolicyError when the text is not a policy, nests deeper than 16, or asks for more rules than it has.
 */
export function parseSignaturePolicy(text: string): SignaturePolicy {
  const cursor: Cursor = { text, at: 0 };
  const policy = parseRule(cursor, 0);
  skipSpaces(cursor);
  if (cursor.at < text.length) {
    throw new SignaturePolicyError(text, cursor.at, 'there is text after the end of the policy');
  }
  return policy;
}

/** The MSP ids that a policy names, each once, in order of appearance. */
export function policyMspIds(policy: SignaturePolicy): string[] {
  if (policy.kind === 'signedBy') {
    return [policy.mspId];
  }
  return [...new Set(policy.rules.flatMap(policyMspIds))];
}

function parseRule(cursor: Cursor, depth: number): SignaturePolicy {
  skipSpaces(cursor);
  if (depth > DEPTH_MAX) {
    throw new SignaturePolicyError(cursor.text, cursor.at, `rules nest deeper than ${DEPTH_MAX}`);
  }
  const quote = cursor.text[cursor.at];
  if (quote === "'" || quote === '"') {
    return parsePrincipal(cursor, quote);
  }
  const gate = /^(and|or|outof)\b/i.exec(cursor.text.slice(cursor.at))?.[1];
  if (gate === undefined) {
    throw new SignaturePolicyError(cursor.text, cursor.at, "expected AND, OR, OutOf or a quoted principal 'MSP.role'");
  }
  const start = cursor.at;
  cursor.at += gate.length;
  return parseGate(cursor, gate.toLowerCase(), start, depth);
}

function parseGate(cursor: Cursor, gate: string, start: number, depth: number): SignaturePolicy {
  expect(cursor, '(');
  let count = 0;
  if (gate === 'outof') {
    count = parseCount(cursor);
    expect(cursor, ',');
  }
  const rules = [parseRule(cursor, depth + 1)];
  skipSpaces(cursor);
  while (cursor.text[cursor.at] === ',') {
    cursor.at += 1;
    rules.push(parseRule(cursor, depth + 1));
    skipSpaces(cursor);
  }
  expect(cursor, ')');
  if (gate === 'and') {
    count = rules.length;
  } else if (gate === 'or') {
    count = 1;
  }
  if (count < 1 || count > rules.length) {
    throw new SignaturePolicyError(cursor.text, start, `OutOf asks for ${count} of ${rules.length} rules`);
  }
  return { kind: 'outOf', count, rules };
}

function parseCount(cursor: Cursor): number {
  skipSpaces(cursor);
  const digits = /^['"]?([0-9]{1,3})['"]?/.exec(cursor.text.slice(cursor.at));
  if (digits?.[1] === undefined) {
    throw new SignaturePolicyError(cursor.text, cursor.at, 'OutOf starts with a number');
  }
  cursor.at += digits[0].length;
  return Number.parseInt(digits[1], 10);
}

function parsePrincipal(cursor: Cursor, quote: string): SignaturePolicy {
  const start = cursor.at;
  const end = cursor.text.indexOf(quote, start + 1);
  if (end < 0) {
    throw new SignaturePolicyError(cursor.text, start, 'a quote is not closed');
  }
  const principal = cursor.text.slice(start + 1, end);
  const dot = principal.lastIndexOf('.');
  const role = ROLES.find((known) => known === principal.slice(dot + 1).toLowerCase());
  const mspId = principal.slice(0, Math.max(dot, 0));
  if (role === undefined || !/^[A-Za-z0-9.-]+$/.test(mspId)) {
    throw new SignaturePolicyError(
      cursor.text,
      start,
      `'${principal}' is not MSP.role with a role of ${ROLES.join(', ')}`,
    );
  }
  cursor.at = end + 1;
  return { kind: 'signedBy', mspId, role };
}

function expect(cursor: Cursor, character: string): void {
  skipSpaces(cursor);
  if (cursor.text[cursor.at] !== character) {
    throw new SignaturePolicyError(cursor.text, cursor.at, `expected "${character}"`);
  }
  cursor.at += 1;
}

function skipSpaces(cursor: Cursor): void {
  while (/\s/.test(cursor.text[cursor.at] ?? '')) {
    cursor.at += 1;
  }
}
