import { SigningKey } from '../../client/keys';
import type { LedgerAudit } from '../ledger-audit';
import { reportOfPage, reportPage } from './report-page';
import { decodeReport, encodeReport, isReportSigned, signReport } from './signed-report';

const audit: LedgerAudit = {
  channel: 'community',
  source: 'a <file> & "more"',
  comparedWith: undefined,
  height: 3,
  compared: 0,
  genesisHash: 'aa',
  lastHash: 'bb',
  commitHash: 'cc',
  codes: { VALID: 5 },
  readings: { meters: 1, blocks: 2, copied: 2, purged: 0, readings: 120 },
  invariants: [{ id: 'I5', holds: false, checked: 2, detail: 'one </script> finding' }],
  findings: [
    { code: 'READING_MISSING', block: 2, transaction: 0, meter: 'm', place: '7', what: 'block <2> is missing' },
  ],
  findingsTotal: 1,
  findingCounts: { READING_MISSING: 1 },
  notes: ['no second peer was compared'],
};
const key = SigningKey.generate();
const report = signReport(audit, key, new Date(Date.UTC(2026, 0, 2)));

describe('a report of an audit', () => {
  test('is read as it was written, and is signed by its auditor', () => {
    const read = decodeReport(encodeReport(report));
    expect(read).toEqual(report);
    expect(read !== undefined && isReportSigned(read)).toBe(true);
    expect(report).toMatchObject({ publicKey: key.publicKey, madeAt: '2026-01-02T00:00:00.000Z' });
  });

  test('with any one byte changed is no report, or not signed', () => {
    const text = encodeReport(report);
    for (let position = 0; position < text.length; position += 1) {
      const other = text[position] === 'x' ? 'y' : 'x';
      const read = decodeReport(text.slice(0, position) + other + text.slice(position + 1));
      expect({ position, holds: read !== undefined && isReportSigned(read) }).toEqual({ position, holds: false });
    }
  });

  test('of another auditor under this signature is not signed', () => {
    expect(isReportSigned({ ...report, publicKey: SigningKey.generate().publicKey })).toBe(false);
  });
});

describe('the page of a report', () => {
  const page = reportPage(report);

  test('shows what is wrong, runs no script and fetches nothing', () => {
    expect(page).toContain('READING_MISSING');
    expect(page).toContain('block &lt;2&gt; is missing');
    expect(page).not.toMatch(/https?:|src=|href=|<script(?! type="application\/json")/);
  });

  test('gives back its report, and none where any part of it was changed', () => {
    expect(reportOfPage(page)).toEqual(report);
    expect(reportOfPage(page.replace('1 findings.', 'Nothing is wrong.'))).toBeUndefined();
    expect(reportOfPage(page.replace('</h1>', ' </h1>'))).toBeUndefined();
    expect(reportOfPage('<html></html>')).toBeUndefined();
  });
});
