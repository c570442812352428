export * from './request';
export * from './rows';
