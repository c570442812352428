/** The objects of OpenADR 3.1's REST interface as they go over the wire, named as there; only the members that this VTN uses. */

/** An ISO 8601 start (UTC) and duration. */
export interface IntervalPeriod {
  readonly start?: string;
  readonly duration?: string;
  readonly randomizeStart?: string;
}

/** A point of a curve. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Values under a type, which says what they mean. */
export interface ValuesMap {
  readonly type: string;
  readonly values: readonly (number | string | boolean | Point)[];
}

export interface Interval {
  readonly id: number;
  readonly intervalPeriod?: IntervalPeriod;
  readonly payloads: readonly ValuesMap[];
}

export interface EventPayloadDescriptor {
  readonly objectType: 'EVENT_PAYLOAD_DESCRIPTOR';
  readonly payloadType: string;
  readonly units?: string;
  readonly currency?: string;
}

export interface ReportPayloadDescriptor {
  readonly objectType: 'REPORT_PAYLOAD_DESCRIPTOR';
  readonly payloadType: string;
  readonly readingType?: string | null;
  readonly units?: string | null;
}

/** What an event asks its VEN to report. */
export interface ReportDescriptor {
  readonly payloadType: string;
  readonly readingType?: string;
  readonly units?: string;
  readonly frequency?: number;
  readonly reportIntervals?: 'INTERVALS' | 'SUB_INTERVALS' | 'OPEN_INTERVALS';
}

/** What the VTN adds to every object. */
export interface ObjectMetadata {
  readonly id: string;
  readonly createdDateTime: string;
  readonly modificationDateTime: string;
}

export interface Program {
  readonly objectType: 'PROGRAM';
  readonly programName: string;
  readonly intervalPeriod: IntervalPeriod;
  readonly payloadDescriptors: readonly (EventPayloadDescriptor | ReportPayloadDescriptor)[];
  readonly attributes: readonly ValuesMap[];
  readonly targets: readonly string[];
}

export interface Event {
  readonly objectType: 'EVENT';
  readonly programID: string;
  readonly eventName: string;
  /** 0 is the highest; absent where the ledger ranks it nowhere. */
  readonly priority?: number;
  readonly targets: readonly string[];
  readonly reportDescriptors: readonly ReportDescriptor[];
  readonly payloadDescriptors: readonly EventPayloadDescriptor[];
  readonly intervalPeriod: IntervalPeriod;
  readonly intervals: readonly Interval[];
}

export interface Ven {
  readonly objectType: 'VEN';
  readonly clientID: string;
  readonly venName: string;
  readonly targets: readonly string[];
}

export interface Resource {
  readonly objectType: 'RESOURCE';
  readonly clientID: string;
  readonly venID: string;
  readonly resourceName: string;
  readonly targets: readonly string[];
  readonly attributes: readonly ValuesMap[];
}

/** An object before the VTN has added id and times. */
export interface Unstamped<T> {
  readonly id: string;
  readonly body: T;
}

/** An object as it is answered. */
export type Stamped<T> = ObjectMetadata & T;
