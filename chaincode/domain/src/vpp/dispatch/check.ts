import { demand, RuleError } from '../../errors';
import { sum } from '../../math';
import { dispatchByMerit, energyOfPeriodWh, fallW, runsAreAllowed, totalsOfSetPoints } from './merit-order';
import type { DispatchAsked } from './merit-order';
import { reachW, type Dispatchable, type AssetSetPoint } from './types';

/**
 * Refuses set-points that the members cannot or must not carry out: of no member or one twice (VPP_SETPOINT_MEMBER), of an asset that is
 * offline (VPP_SETPOINT_OFFLINE), above what is promised (VPP_SETPOINT_CAPACITY), between off and the least power (VPP_SETPOINT_ON_LEVEL), faster
 * than the ramp (VPP_SETPOINT_RAMP), longer than a run without its rest (VPP_SETPOINT_DURATION) or with more energy than the storage has
 * (VPP_SETPOINT_ENERGY). Their sum is the target of each period; it may stay below only as far as the merit order cannot reach it either
 * (VPP_SETPOINT_TOTAL).
 */
export function checkSetPoints(asked: DispatchAsked, setPoints: readonly AssetSetPoint[]): void {
  const known = new Map(asked.members.map((member) => [member.assetId, member]));
  demand(new Set(setPoints.map(({ assetId }) => assetId)).size === setPoints.length, 'VPP_SETPOINT_MEMBER', {});
  for (const setPoint of setPoints) {
    const { assetId, powersW } = setPoint;
    const member = known.get(assetId);
    if (member === undefined || powersW.length !== asked.targetsW.length) {
      throw new RuleError('VPP_SETPOINT_MEMBER', { assetId });
    }
    demand(member.isOnline, 'VPP_SETPOINT_OFFLINE', { assetId });
    checkPowers(member, powersW);
    checkRamps(member, powersW, asked.fullActivationSeconds);
    checkRuns(member, powersW);
    checkEnergy(member, powersW);
  }
  checkTotals(asked, setPoints);
}

function checkPowers({ assetId, onLevelMinW, promisedW }: Dispatchable, powersW: readonly bigint[]): void {
  const above = powersW.findIndex((powerW, period) => powerW > (promisedW[period] ?? 0n));
  demand(above < 0, 'VPP_SETPOINT_CAPACITY', { assetId, period: above });
  const below = powersW.findIndex((powerW) => powerW > 0n && powerW < onLevelMinW);
  demand(below < 0, 'VPP_SETPOINT_ON_LEVEL', { assetId, period: below });
}

function checkRamps(member: Dispatchable, powersW: readonly bigint[], seconds: number): void {
  const tooFast = powersW.findIndex((powerW, period) => {
    const lastW = powersW[period - 1] ?? 0n;
    return powerW > lastW + reachW(member, seconds) || (powerW > 0n && powerW < lastW - fallW(member, seconds));
  });
  demand(tooFast < 0, 'VPP_SETPOINT_RAMP', { assetId: member.assetId, period: tooFast });
}

function checkRuns(member: Dispatchable, powersW: readonly bigint[]): void {
  const isOn = powersW.map((powerW) => powerW > 0n);
  demand(runsAreAllowed(member, isOn), 'VPP_SETPOINT_DURATION', { assetId: member.assetId });
}

function checkEnergy({ assetId, energyWh }: Dispatchable, powersW: readonly bigint[]): void {
  const neededWh = sum(powersW.map(energyOfPeriodWh));
  demand(energyWh === undefined || neededWh <= energyWh, 'VPP_SETPOINT_ENERGY', { assetId });
}

function checkTotals(asked: DispatchAsked, setPoints: readonly AssetSetPoint[]): void {
  const { targetsW } = asked;
  const totalsW = totalsOfSetPoints(setPoints, targetsW.length);
  const reachedW = totalsOfSetPoints(dispatchByMerit(asked), targetsW.length);
  const wrong = totalsW.findIndex((totalW, period) => {
    const targetW = targetsW[period] ?? 0n;
    return totalW > targetW || (totalW < targetW && totalW < (reachedW[period] ?? 0n));
  });
  const details = { period: wrong, targetW: String(targetsW[wrong] ?? 0n), totalW: String(totalsW[wrong] ?? 0n) };
  demand(wrong < 0, 'VPP_SETPOINT_TOTAL', details);
}
