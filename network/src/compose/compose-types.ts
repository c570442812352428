/** The parts of a compose file that this project writes; see the Compose Specification. */
export interface ComposeService {
  /** The name of the template (`x-…`) whose settings this service shares; written as a YAML merge key. */
  readonly template: TemplateName;
  readonly image?: string;
  readonly build?: {
    readonly context: string;
    readonly dockerfile: string;
    readonly args?: Readonly<Record<string, string>>;
  };
  readonly network_mode?: 'none';
  readonly profiles?: readonly string[];
  readonly hostname?: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** `SOURCE:TARGET[:OPTIONS]`; a source without a slash is a named volume. */
  readonly volumes: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: HealthCheck;
  readonly depends_on?: Readonly<Record<string, { readonly condition: DependencyCondition }>>;
}

/** How the engine finds out whether a container works. */
export interface HealthCheck {
  readonly test: readonly string[];
  readonly interval: string;
  readonly timeout: string;
  readonly retries: number;
  readonly start_period: string;
}

export type DependencyCondition = 'service_completed_successfully' | 'service_healthy';

/** What a kind of container shares; see templates.ts. */
export type TemplateName = 'one-shot' | 'orderer' | 'peer' | 'chaincode' | 'application';

/** The settings of a template. */
export type Template = Readonly<Record<string, unknown>>;

/** Builds and names images. */
export interface ComposeImages {
  readonly orderer: string;
  readonly peer: string;
  readonly chaincode: string;
  readonly application: string;
  /** Paths below the root of the repository. */
  readonly chaincodeDockerfile: string;
  readonly applicationDockerfile: string;
  readonly topologyFile: string;
}
