import {
  canonicalBytes,
  canonicalJson,
  isJsonObject,
  parseJson,
  verifySignature,
  type JsonObject,
} from '@flexledger/domain';
import type { SigningKey } from '../../client/keys';
import type { LedgerAudit } from '../ledger-audit';

const FORMAT = 'flexledger-audit-report 1';

/** A report as an auditor has signed it. */
export interface SignedReport {
  /** What the audit has found out, as JSON. */
  readonly audit: JsonObject;
  /** When it was made, RFC 3339 in UTC, by the auditor's clock. */
  readonly madeAt: string;
  /** The auditor's P-256 key: SPKI DER, base64url. */
  readonly publicKey: string;
  /** Over the canonical JSON of everything else: 64 bytes r and s, base64url. */
  readonly signature: string;
}

/** Signs what an audit has found out. */
export function signReport(audit: LedgerAudit, key: SigningKey, madeAt: Date): SignedReport {
  // Through canonical text: what is signed is exactly what a reader of the file parses, in its order.
  const json = parseJson(canonicalJson(parseJson(JSON.stringify(audit))));
  const content = { audit: isJsonObject(json) ? json : {}, madeAt: madeAt.toISOString(), publicKey: key.publicKey };
  return { ...content, signature: key.sign(signedBytes(content)) };
}

/** The file of a report: canonical JSON and a line feed. */
export function encodeReport({ audit, madeAt, publicKey, signature }: SignedReport): string {
  return `${canonicalJson({ format: FORMAT, audit, madeAt, publicKey, signature })}\n`;
}

/** Reads a report. Returns undefined where the text is not exactly what encodeReport writes. */
export function decodeReport(text: string): SignedReport | undefined {
  try {
    const json = parseJson(text.trimEnd());
    if (!isJsonObject(json)) {
      return undefined;
    }
    const { audit, madeAt, publicKey, signature } = json;
    if (audit === undefined || !isJsonObject(audit)) {
      return undefined;
    }
    if (typeof madeAt !== 'string' || typeof publicKey !== 'string' || typeof signature !== 'string') {
      return undefined;
    }
    const report = { audit, madeAt, publicKey, signature };
    return encodeReport(report) === text ? report : undefined;
  } catch {
    // Whatever is not JSON is no report; the caller says so.
    return undefined;
  }
}

/** Has the key in the report signed it? Whose key that is, the reader has to know. */
export function isReportSigned(report: SignedReport): boolean {
  return verifySignature(report.publicKey, signedBytes(report), report.signature);
}

function signedBytes({ audit, madeAt, publicKey }: Omit<SignedReport, 'signature'>): Buffer {
  return Buffer.concat([Buffer.from(`${FORMAT}\n`), canonicalBytes({ audit, madeAt, publicKey })]);
}
