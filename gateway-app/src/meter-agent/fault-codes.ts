/** What can be wrong with an input, in the order in which it is looked for. docs/meter-agent.md explains every code. */
export const faultCodes = [
  'CSV_LINE_TOO_LONG',
  'CSV_COLUMNS',
  'CSV_TIME',
  'CSV_TIME_NOT_IN_ZONE',
  'CSV_TIME_BACK',
  'CSV_VALUE',
  'P1_SOURCE',
  'P1_NOISE',
  'P1_TELEGRAM_CUT',
  'P1_TELEGRAM_TOO_LONG',
  'P1_CHECKSUM',
  'P1_TIME',
  'P1_COUNTER',
  'MQTT_BROKER',
  'MQTT_TIME',
  'MQTT_VALUE',
  'VALUE_BACK',
  'VALUE_PERIOD',
  'REGISTER_BACK',
  'REGISTER_LATE',
  'VALUE_INCOMPLETE',
  'VALUE_GAP',
  'VALUE_PARTIAL_QUARTER',
  'VALUE_BEFORE_CHAIN',
] as const;

/** The stable code of something in an input that could not be used. */
export type FaultCode = (typeof faultCodes)[number];
