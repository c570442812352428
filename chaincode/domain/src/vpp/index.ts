export * from './service';
export * from './sharing';
