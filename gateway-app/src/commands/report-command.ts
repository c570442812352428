import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { LedgerAudit } from '../audit/ledger-audit';
import { reportOfPage, reportPage } from '../audit/report/report-page';
import { decodeReport, encodeReport, isReportSigned, signReport } from '../audit/report/signed-report';
import { CliError } from '../cli-errors';
import { SigningKey } from '../client/keys';

/** Where the reports of an audit go, and who signs them. */
export interface ReportOptions {
  readonly report?: string;
  readonly page?: string;
  readonly key?: string;
}

/** @throws CliError CLI_USAGE where a report is wanted and nobody signs it */
export function requireKey({ key, page, report }: ReportOptions): void {
  if ((report !== undefined || page !== undefined) && key === undefined) {
    throw new CliError('CLI_USAGE', 'a report is signed: name the file of your key with --key');
  }
}

/** Writes the reports that were asked for. */
export function writeReports(audit: LedgerAudit, options: ReportOptions, print: (line: string) => void): void {
  const { key: keyFile, page, report } = options;
  if (keyFile === undefined) {
    return;
  }
  const key = keyOf(keyFile);
  const signed = signReport(audit, key, new Date());
  if (report !== undefined) {
    writeFileSync(report, encodeReport(signed));
    print(`the report is in ${report}`);
  }
  if (page !== undefined) {
    writeFileSync(page, reportPage(signed));
    print(`the page is in ${page}`);
  }
  print(`signed by ${key.publicKey}`);
}

/** `flexledger audit check-report`: was a report, or its page, signed by its auditor and changed by nobody? */
export function addReportCommand(audit: Command, print: (line: string) => void): void {
  audit
    .command('check-report')
    .description('check the signature of a report, of the JSON file or of the page')
    .argument('<file>')
    .option('--auditor <key>', 'the public key that must have signed it')
    .action((file: string, { auditor }: { readonly auditor?: string }) => {
      const text = readFileSync(file, 'utf8');
      const signed = text.startsWith('<!doctype html>') ? reportOfPage(text) : decodeReport(text);
      if (signed === undefined || !isReportSigned(signed)) {
        throw new CliError('AUDIT_REPORT_REFUSED', `${file} is not a report as its auditor has signed it`);
      }
      if (auditor !== undefined && auditor !== signed.publicKey) {
        throw new CliError('AUDIT_REPORT_REFUSED', `${file} is signed by ${signed.publicKey}`);
      }
      print(`made at ${signed.madeAt}, signed by ${signed.publicKey}`);
      print(
        auditor === undefined
          ? 'note: whether this is the key of the auditor, you have to know'
          : 'it is the key you named',
      );
      print('the report is as it was signed');
    });
}

function keyOf(file: string): SigningKey {
  if (existsSync(file)) {
    return SigningKey.fromPem(readFileSync(file, 'utf8'));
  }
  const key = SigningKey.generate();
  writeFileSync(file, key.toPem(), { mode: 0o600, flag: 'wx' });
  return key;
}
