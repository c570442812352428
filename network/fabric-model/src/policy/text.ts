import { FabricModelError } from '../common/errors';
import type { Principal, PrincipalRole, SignaturePolicy, SignatureRule } from './types';

const PRINCIPAL = /^([A-Za-z0-9.-]+)\.(admin|member|client|peer|orderer)$/;
const TOKEN = /\s*(?:([A-Za-z]+)|('[^']*'|"[^"]*")|(\d+)|([(),]))/y;
const DEPTH_MAX = 32;
const GATES: Readonly<Record<string, 'and' | 'or' | 'outof'>> = {
  And: 'and',
  and: 'and',
  AND: 'and',
  Or: 'or',
  or: 'or',
  OR: 'or',
  OutOf: 'outof',
  outof: 'outof',
  OUTOF: 'outof',
};

type Argument = { readonly kind: 'principal'; readonly principal: Principal } | SignatureRule;

function refuse(text: string, sentence: string): never {
  throw new FabricModelError('POLICY_TEXT_INVALID', `${sentence} in the policy ${JSON.stringify(text)}.`);
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      return refuse(text, `Unexpected character at ${at}`);
    }
    tokens.push(match[0].trim());
  }
  return tokens;
}

/**
 * Reads tokens by recursive descent. Principals are numbered as Fabric numbers them: those of inner gates first, and
 * never shared, so that the bytes equal those that Fabric's own tools make from the same text.
 */
class PolicyParser {
  private readonly tokens: readonly string[];
  private position = 0;
  readonly principals: Principal[] = [];

  constructor(private readonly text: string) {
    this.tokens = tokensOf(text);
  }

  parse(): SignatureRule {
    const rule = this.gate(0);
    if (this.position !== this.tokens.length) {
      refuse(this.text, `Unexpected ${this.tokens[this.position] ?? 'end'}`);
    }
    return rule;
  }

  private take(): string {
    const token = this.tokens[this.position];
    this.position += 1;
    return token ?? refuse(this.text, 'Unexpected end');
  }

  private expect(token: string): void {
    const found = this.take();
    if (found !== token) {
      refuse(this.text, `Expected ${token} but found ${found}`);
    }
  }

  private gate(depth: number): SignatureRule {
    if (depth > DEPTH_MAX) {
      refuse(this.text, `More than ${DEPTH_MAX} nested gates`);
    }
    const name = this.take();
    const gate = GATES[name] ?? refuse(this.text, `Unrecognised gate ${name}`);
    this.expect('(');
    const count = gate === 'outof' ? this.count() : undefined;
    const args = this.args(depth);
    return this.close(count ?? (gate === 'and' ? args.length : 1), args);
  }

  private count(): number {
    const token = this.take().replace(/^['"]|['"]$/g, '');
    if (!/^\d{1,9}$/.test(token)) {
      refuse(this.text, `Expected a number but found ${token}`);
    }
    this.expect(',');
    return Number.parseInt(token, 10);
  }

  private args(depth: number): Argument[] {
    const args: Argument[] = [];
    for (;;) {
      const next = this.tokens[this.position] ?? '';
      args.push(next.startsWith("'") || next.startsWith('"') ? this.principal() : this.gate(depth + 1));
      const separator = this.take();
      if (separator === ')') {
        return args;
      }
      if (separator !== ',') {
        refuse(this.text, `Expected , or ) but found ${separator}`);
      }
    }
  }

  private principal(): Argument {
    const token = this.take();
    const match = PRINCIPAL.exec(token.slice(1, -1));
    const [, mspId, role] = match ?? [];
    if (mspId === undefined || role === undefined) {
      return refuse(this.text, `Unrecognised principal ${token}`);
    }
    return { kind: 'principal', principal: { kind: 'role', mspId, role: role as PrincipalRole } };
  }

  /** Numbers the principals of this gate after those of its inner gates. */
  private close(count: number, args: readonly Argument[]): SignatureRule {
    if (count > args.length + 1) {
      refuse(this.text, `${count} out of ${args.length} can never be reached`);
    }
    const rules = args.map((argument): SignatureRule => {
      if (argument.kind !== 'principal') {
        return argument;
      }
      this.principals.push(argument.principal);
      return { kind: 'signedBy', principalIndex: this.principals.length - 1 };
    });
    return { kind: 'outOf', count, rules };
  }
}

/**
 * Parses Fabric's policy language, e.g. OR('A.peer', AND('B.peer', 'C.admin')); throws POLICY_TEXT_INVALID.
 */
export function parseSignaturePolicy(text: string): SignaturePolicy {
  const parser = new PolicyParser(text);
  const rule = parser.parse();
  return { version: 0, rule, principals: parser.principals };
}

/**
 * Renders a policy of roles as text that parseSignaturePolicy reads; throws POLICY_NOT_TEXTUAL for other principals.
 */
export function renderSignaturePolicy(policy: SignaturePolicy): string {
  const rendered = renderRule(policy, policy.rule);
  return policy.rule.kind === 'signedBy' ? `OR(${rendered})` : rendered;
}

function renderRule(policy: SignaturePolicy, rule: SignatureRule): string {
  if (rule.kind === 'signedBy') {
    const principal = policy.principals[rule.principalIndex];
    if (principal?.kind !== 'role') {
      throw new FabricModelError(
        'POLICY_NOT_TEXTUAL',
        'Only principals that are roles of an MSP can be written as text.',
      );
    }
    return `'${principal.mspId}.${principal.role}'`;
  }
  const args = rule.rules.map((inner) => renderRule(policy, inner)).join(', ');
  if (rule.count === rule.rules.length) {
    return `AND(${args})`;
  }
  return rule.count === 1 ? `OR(${args})` : `OutOf(${rule.count}, ${args})`;
}
