import {
  canonicalJson,
  contractCodec,
  contractFlowCodec,
  contractFlowRows,
  rowCodec,
  slotText,
  type Contract,
  type ContractFlow,
} from '@flexledger/domain';
import { decodeRows, decodeValue, nameOf, type DecodedRow } from '../decoded-rows';
import type { Findings } from '../findings';
import type { AuditRow, AuditRows } from '../fold';
import { isBefore, type Place } from '../place';
import { ROW_TYPES } from '../row-types';

/**
 * What contracts carry through the grid stands in rows as the contracts say, hour by hour, and did so at every moment: each value that was
 * ever written is that of the accepted contract as it stood then, since clearings have counted it. No row is of another contract.
 */
export function auditContractFlows(
  rows: AuditRows,
  accepted: readonly DecodedRow<Contract>[],
  findings: Findings,
): void {
  const codec = rowCodec(contractFlowCodec);
  const found = new Map<string, DecodedRow<ContractFlow>>();
  for (const flow of decodeRows(rows, ROW_TYPES.contractFlow, codec, findings)) {
    found.set(flow.row.parts.join('/'), flow);
    flow.row.history.forEach((value, index) => {
      const written = findings.attempt(nameOf(flow.row), () => decodeValue(value, codec));
      const contract = contractAt(rows, flow.row, flow.row.places[index] ?? flow.row, findings);
      const due = contract === undefined ? undefined : flowOf(contract, flow.row);
      findings.expect(
        written !== undefined && due !== undefined && textOf(written) === textOf(due),
        () => `${nameOf(flow.row)} is not what the contract carried when it was written`,
      );
    });
  }
  for (const { row, value } of accepted) {
    for (const due of contractFlowRows(value)) {
      const flow = found.get(keyOf(value, due));
      findings.expect(
        flow !== undefined && textOf(flow.value) === textOf(due),
        () => `what ${nameOf(row)} carries in hour ${due.hour} is not what it says`,
      );
    }
  }
}

/** The accepted contract that a row is of, as it stood at a place; undefined where there was none. */
function contractAt(rows: AuditRows, { parts }: AuditRow, at: Place, findings: Findings): Contract | undefined {
  const row = rows.row(ROW_TYPES.contract, parts[2] ?? '');
  const value = row?.history.findLast((_, index) => !isBefore(at, row.places[index] ?? row));
  const contract =
    row === undefined || value === undefined
      ? undefined
      : findings.attempt(nameOf(row), () => decodeValue(value, rowCodec(contractCodec)));
  return contract?.state === 'ACCEPTED' ? contract : undefined;
}

function flowOf(contract: Contract, { parts }: AuditRow): ContractFlow | undefined {
  return contractFlowRows(contract).find((flow) => keyOf(contract, flow) === parts.join('/'));
}

function keyOf({ contractId, terms }: Contract, { hour }: ContractFlow): string {
  return `${terms.gridId}/${slotText(hour)}/${contractId}`;
}

function textOf(flow: ContractFlow): string {
  return canonicalJson(contractFlowCodec.encode(flow));
}
