export { contracts } from './contracts';
export { serviceOptions } from './service/service-options';
export { startService } from './service/start-service';
