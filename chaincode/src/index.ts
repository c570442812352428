export { contracts } from './contracts';
export { serviceOptions } from './service-options';
export { startService } from './start-service';
