export { powerPaymentMicro } from './payment';
export { droopPower, droopFullMilliHertz, type DroopPower } from './droop';
export { compensationMilliVar, inverterReactiveVar, reactiveMilliVar } from './power-factor';
