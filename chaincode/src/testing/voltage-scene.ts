import { decivolt, varh, type AssetId, type JsonObject } from '@flexledger/domain';
import { firstSlot, idOf, MeterAgent, registerMeters } from './actors';
import { bandOf, ProgrammeScene } from './programme-scene';

/** The first slot for which the tests set a curve. */
export const supportSlot = firstSlot + 24;

/** From 235 V on to 242 V, up to 4 kvar are absorbed. */
export const supportCurve = {
  kind: 'CURVE',
  points: [
    { voltageDecivolt: '2350', direction: 'absorb', powerVar: '0' },
    { voltageDecivolt: '2420', direction: 'absorb', powerVar: '4000' },
  ],
} as const;

/** A PV system of cyd with a meter of its own, enrolled in a programme of voltage support. */
export async function voltageScene(changes: JsonObject = {}) {
  const made = await ProgrammeScene.create();
  const meter = new MeterAgent('inverter', { deviceType: 'pv' });
  await registerMeters(made.ledger, made.cyd, [meter]);
  const assetId = idOf<AssetId>('inverter');
  const entry = { assetId, participantId: made.cyd.participantId, kind: 'pv', ratedPowerW: '8000' };
  await made.registerAssets([{ ...entry, meterId: meter.meterId }]);
  const programmeId = await made.programme({ direction: 'voltage', rewardMicroPerKvarh: '20000', ...changes });
  const band = bandOf(assetId, 0n, 0n, { reactiveMaxVar: '5000' });
  await made.send(made.cyd, 'enrol', made.enrolment(programmeId, [band]));
  const fields = {
    programmeId,
    prosumerId: made.cyd.participantId,
    assetId,
    firstSlot: supportSlot,
    slots: 8,
    control: supportCurve,
  };
  return { made, meter, assetId, programmeId, fields };
}

/** What the inverter's meter counts up to the third slot of the support: 500, 700 and 40 varh are absorbed, at 238.5, 242 and 230 V. */
export function threeSlotsOf(meter: MeterAgent) {
  const slots = supportSlot - firstSlot + 3;
  const zeros = Array.from({ length: slots }, () => 0n);
  const last = (values: readonly bigint[]) => zeros.map((zero, index) => values[index - slots + 3] ?? zero);
  return meter.next(zeros, last([1_500n, 1_500n, 1_500n]), {
    voltageDecivolt: last([2_385n, 2_420n, 2_300n]).map(decivolt),
    reactiveImportVarh: last([500n, 700n, 40n]).map(varh),
    reactiveExportVarh: zeros.map(varh),
  });
}
