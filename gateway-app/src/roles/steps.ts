import * as aggregator from './aggregator-steps';
import * as authority from './authority-steps';
import * as portfolio from './portfolio-steps';
import * as community from './community-steps';
import * as delivery from './order-delivery-steps';
import * as dso from './dso-steps';
import * as enrolment from './enrolment-steps';
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
    recordLate: dso.recordLate,
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
    registerAggregators: portfolio.registerAggregators,
    createProgramme: portfolio.createProgramme,
    fileDPrognosis: portfolio.fileDPrognosis,
    offerFlexibility: portfolio.offerFlexibility,
    ordersOf: delivery.ordersOf,
    requestSplit: delivery.requestSplit,
    signalSplit: delivery.signalSplit,
    trackHour: delivery.trackHour,
    settleOrder: delivery.settleOrder,
  },
  community: {
    approve,
    registerProsumers: registration.registerProsumers,
    recordDays: community.recordDays,
    recordSpan: community.recordSpan,
    recordHour: community.recordHour,
    readOut: community.readOut,
    placeOrders: orders.placeOrders,
    placeIntradayOrders,
    enrol: enrolment.enrol,
    acknowledgeEvents: enrolment.acknowledgeEvents,
    decideEvents: enrolment.decideEvents,
  },
  market: {
    registerSupplier: registration.registerSupplier,
    placeSupplierOrders: orders.placeSupplierOrders,
    fund: market.fund,
    fundCurtailment: setPoints.fundCurtailment,
    fundFlexibility: flexibility.fundFlexibility,
    fundAggregators: flexibility.fundAggregators,
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
