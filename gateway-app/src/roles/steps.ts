import * as aggregator from './aggregator-steps';
import * as authority from './authority-steps';
import * as community from './community-steps';
import * as dso from './dso-steps';
import * as flexibility from './flexibility-steps';
import { placeIntradayOrders } from './intraday-steps';
import * as market from './market-steps';
import * as orders from './order-steps';
import * as registration from './registration-steps';
import { plannedFlows } from './planned-flow-steps';
import * as setPoints from './set-point-steps';
import type { RoleName } from './role-names';
import type { RoleSteps } from './role-context';

const { approve, bootstrap, proposeBalancingParty, tick } = authority;

/** What each role app can be asked to do. */
const STEPS: Readonly<Record<RoleName, RoleSteps>> = {
  regulator: { bootstrap, proposeBalancingParty, tick },
  tso: { approve, tick },
  dso: {
    approve,
    registerGrid: registration.registerGrid,
    registerMeters: registration.registerMeters,
    commissionDevices: registration.commissionDevices,
    recordGap: dso.recordGap,
    readings: dso.readings,
    feederBalance: dso.feederBalance,
    limitConnections: setPoints.limitConnections,
    releaseLimits: setPoints.releaseLimits,
    requestFlexibility: flexibility.requestFlexibility,
    orderFlexibility: flexibility.orderFlexibility,
    declareGreen: flexibility.declareGreen,
  },
  aggregator: {
    registerAssets: registration.registerAssets,
    requestForecast: aggregator.requestForecast,
    awaitForecast: aggregator.awaitForecast,
    forbiddenCall: aggregator.forbiddenCall,
  },
  community: {
    approve,
    registerProsumers: registration.registerProsumers,
    recordDays: community.recordDays,
    recordSpan: community.recordSpan,
    recordHour: community.recordHour,
    placeOrders: orders.placeOrders,
    placeIntradayOrders,
  },
  market: {
    registerSupplier: registration.registerSupplier,
    placeSupplierOrders: orders.placeSupplierOrders,
    fund: market.fund,
    fundCurtailment: setPoints.fundCurtailment,
    shareRent: market.shareRent,
    limitsOutcome: setPoints.limitsOutcome,
    openSession: market.openSession,
    openIntraday: market.openIntraday,
    closeSession: market.closeSession,
    publishOrders: market.publishOrders,
    requestClearing: market.requestClearing,
    clear: market.clear,
    applyClearing: market.applyClearing,
    settleHour: market.settleHour,
    statements: market.statements,
    outcome: market.outcome,
    intradayOutcome: market.intradayOutcome,
    plannedFlows,
  },
};

/** The steps of a role app. */
export function stepsOfRole(role: RoleName): RoleSteps {
  return STEPS[role];
}
