import type { JsonObject, JsonValue } from '@flexledger/domain';
import { isJsonObject } from '@flexledger/domain';
import { FINDING_CODES } from '../finding-codes';
import { decodeReport, encodeReport, type SignedReport } from './signed-report';

const OPENING = '<script type="application/json" id="report">';
const CLOSING = '</script>';

/** Hashes, keys and signatures, which are set in a narrower type. */
const HASH_LIKE = /^[\w-]{30,}$/;

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.verdict { border-left: .5rem solid; padding: .6rem 1rem; margin: 1.2rem 0; font-weight: 600; }
.clean { border-color: #1a7f37; background: #e9f7ed; } .faulty { border-color: #b42318; background: #fdecea; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #d8dee4; }
th { background: #f3f5f7; } code, .hash { font: .85em ui-monospace, monospace; overflow-wrap: anywhere; }
@media print { body { margin: 0; } }
`;

/**
 * The page of a report: one file without scripts and without anything from elsewhere. It holds the signed report itself, so
 * that a page can be checked: it must be what its report gives.
 */
export function reportPage(report: SignedReport): string {
  const { audit } = report;
  const total = numberOf(audit['findingsTotal']);
  const verdict = total === 0 ? 'Nothing is wrong.' : `${total} findings.`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Audit of channel ${escape(textOf(audit['channel']))}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Audit of channel ${escape(textOf(audit['channel']))}</h1>
<p>Made at ${escape(report.madeAt)} from the blocks of ${escape(textOf(audit['source']))}.</p>
<p class="verdict ${total === 0 ? 'clean' : 'faulty'}">${verdict}</p>
${section('Ledger', table(['what', 'value'], ledgerRows(audit)))}
${section('Readings', table(['what', 'number'], entriesOf(audit['readings'])))}
${section('Transactions by derived validation code', table(['code', 'number'], entriesOf(audit['codes'])))}
${section('Invariants', table(['name', 'holds', 'checked', 'detail'], invariantRows(audit['invariants'])))}
${section('Findings', findingsTable(audit['findings']))}
${section(
  'Notes',
  `<ul>${listOf(audit['notes'])
    .map((note) => `<li>${escape(textOf(note))}</li>`)
    .join('')}</ul>`,
)}
${section(
  'Signature',
  table(
    ['what', 'value'],
    [
      ['key of the auditor', report.publicKey],
      ['signature', report.signature],
    ],
  ),
)}
${OPENING}${encodeReport(report).replaceAll('<', '\\u003c')}${CLOSING}
</body>
</html>
`;
}

/** The report that a page holds; undefined where the page is not what its report gives. */
export function reportOfPage(page: string): SignedReport | undefined {
  const start = page.indexOf(OPENING);
  const end = page.indexOf(CLOSING, start);
  if (start === -1 || end === -1) {
    return undefined;
  }
  const report = decodeReport(page.slice(start + OPENING.length, end).replaceAll('\\u003c', '<'));
  return report !== undefined && reportPage(report) === page ? report : undefined;
}

function ledgerRows(audit: JsonObject): readonly (readonly string[])[] {
  const compared = textOf(audit['comparedWith']);
  return [
    ['blocks', textOf(audit['height'])],
    ['hash of block 0', textOf(audit['genesisHash'])],
    ['hash of the last block', textOf(audit['lastHash'])],
    ['commit hash', textOf(audit['commitHash'])],
    ['compared with', compared === '' ? 'nobody' : `${compared}, ${textOf(audit['compared'])} blocks`],
  ];
}

function invariantRows(value: JsonValue | undefined): readonly (readonly string[])[] {
  return listOf(value).flatMap((row) =>
    isJsonObject(row)
      ? [[textOf(row['id']), row['holds'] === true ? 'yes' : 'NO', textOf(row['checked']), textOf(row['detail'])]]
      : [],
  );
}

function findingsTable(value: JsonValue | undefined): string {
  const rows = listOf(value).flatMap((row) => (isJsonObject(row) ? [findingRow(row)] : []));
  return rows.length === 0 ? '<p>None.</p>' : table(['code', 'block', 'transaction', 'meter', 'what is wrong'], rows);
}

function findingRow(finding: JsonObject): readonly string[] {
  const code = textOf(finding['code']);
  const meaning = Object.entries(FINDING_CODES).find(([name]) => name === code)?.[1] ?? '';
  const meter = [textOf(finding['meter']), textOf(finding['place'])].filter((part) => part !== '').join(' ');
  const transaction = [textOf(finding['transaction']), textOf(finding['transactionId'])].join(' ').trim();
  return [code, textOf(finding['block']), transaction, meter, `${textOf(finding['what'])} (${meaning})`];
}

function section(title: string, content: string): string {
  return `<h2>${escape(title)}</h2>\n${content}`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}${HASH_LIKE.test(cell) ? ' class="hash"' : ''}>${escape(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>\n${[line(heads, 'th'), ...rows.map((row) => line(row, 'td'))].join('\n')}\n</table>`;
}

function entriesOf(value: JsonValue | undefined): readonly (readonly string[])[] {
  return value !== undefined && isJsonObject(value)
    ? Object.entries(value).map(([name, entry]) => [name, textOf(entry)])
    : [];
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function numberOf(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : Number.NaN;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
