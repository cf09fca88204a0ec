"""Errors of pipelines (PPS), with Pachyderm 2.7's codes and texts."""

from harness.pachd.errors.base import Code, Kind

# Pipelines and jobs by name.
PIPELINE_NOT_FOUND = Kind(Code.NOT_FOUND, 'pipeline "{pipeline}" not found')
PIPELINE_NOT_INSPECTED = Kind(
    Code.NOT_FOUND,
    'pipeline was not inspected: couldn\'t find up to date spec for pipeline "{pipeline}": '
    'pipeline "{pipeline}" not found',
)
PIPELINE_EXISTS = Kind(Code.ALREADY_EXISTS, 'pipeline "{pipeline}" already exists')
PIPELINE_NAME_TAKEN = Kind(
    Code.UNKNOWN, 'pipeline "{name}" cannot be created because a repo with the same name already exists'
)
FUTURE_PIPELINE = Kind(Code.UNKNOWN, "cannot inspect future pipelines")
MIXED_ANCESTRY = Kind(Code.UNKNOWN, 'invalid ancestry syntax "{text}", cannot mix {first} and {second} characters')
TOO_FEW_VERSIONS = Kind(
    Code.UNKNOWN, 'pipeline "{pipeline}" has only {versions} versions, not enough to find ancestor {ancestor}'
)
JOB_NOT_FOUND = Kind(Code.NOT_FOUND, "jobs {job} not found")
JOB_FINISHED = Kind(Code.UNKNOWN, "job {job} has already finished")
FOREIGN_SUCCESS = Kind(
    Code.FAILED_PRECONDITION, "job {job} succeeds when the embedded cluster's own workers have done all of it"
)
UNKNOWN_JOB_STATE = Kind(Code.UNKNOWN, "there is no job state number {number}")
COUNTED_TOO_FAR = Kind(Code.UNKNOWN, "no job can count as far as {number}")
JOB_DELETED = Kind(Code.UNKNOWN, "job {id} was deleted")

# Requests without their subject.
NO_REQUEST_PIPELINE = Kind(Code.UNKNOWN, "request.Pipeline cannot be nil")
NO_JOB = Kind(Code.UNKNOWN, "must specify a job")
NO_JOB_TO_STOP = Kind(Code.UNKNOWN, "Job must be specified")
NO_JOB_TO_DELETE = Kind(Code.UNKNOWN, "job cannot be nil")
NO_PIPELINE_TO_SUBSCRIBE = Kind(Code.UNKNOWN, "pipeline must be specified")
RUN_PIPELINE = Kind(Code.UNKNOWN, "unimplemented")  # as Pachyderm 2.x answers whatever is asked
NEGATIVE_NUMBER = Kind(Code.UNKNOWN, "number must be non-negative")

# What a CreatePipelineRequest must say.
NAME_EMPTY = Kind(Code.UNKNOWN, "invalid pipeline spec: request.Pipeline.Name cannot be empty")
NAME_CHARACTERS = Kind(
    Code.UNKNOWN,
    "invalid pipeline name: name ({name}) invalid: only alphanumeric characters, underscores, and dashes are allowed",
)
NAME_FIRST_CHARACTER = Kind(Code.UNKNOWN, "pipeline names must start with an alphanumeric character")
NAME_TOO_LONG = Kind(Code.UNKNOWN, 'pipeline name "{name}" is {excess} characters longer than the {limit} max')
KUBERNETES_NAME_TOO_LONG = Kind(
    Code.UNKNOWN, 'Kubernetes name "{name}" is {excess} characters longer than the {limit} max'
)
NO_TRANSFORM = Kind(Code.UNKNOWN, "pipeline must specify a transform")
TF_JOB = Kind(Code.UNKNOWN, "embedding TFJobs in pipelines is not supported yet")
REPROCESS_SPEC = Kind(
    Code.UNKNOWN, "invalid pipeline spec: ReprocessSpec must be one of 'until_success' or 'every_job'"
)
TOLERATION_OPERATOR = Kind(
    Code.UNKNOWN,
    "toleration {number}/{total}: cannot omit key/value comparison operator; specify EQUAL or EXISTS",
)
BAD_JSON = Kind(Code.UNKNOWN, "malformed {what}")
NO_OUTPUT_BRANCH = Kind(Code.UNKNOWN, "pipeline needs to specify an output branch")
S3_OUT_WITHOUT_JOBS = Kind(Code.UNKNOWN, "s3 output is not supported in spouts or services")
AUTOSCALED_SPOUT = Kind(Code.UNKNOWN, "autoscaling can't be used with spouts (spouts aren't triggered externally)")
TOO_MANY_WORKERS = Kind(Code.UNKNOWN, "parallelism_spec.constant is more than {limit}")
TIMEOUT_TOO_LONG = Kind(Code.UNKNOWN, "{what} does not fit into 64 bits of nanoseconds")
RESTORED_AND_UPDATED = Kind(Code.UNKNOWN, "Cannot update a pipeline and provide a spec commit at the same time")
SPEC_COMMIT_ELSEWHERE = Kind(Code.UNKNOWN, "error inspecting spec commit: {commit} is not in repo {repo}")
NO_CRON_INPUT = Kind(Code.UNKNOWN, "pipeline doesn't have a cron input")
SPOUT_WITH_INPUT = Kind(Code.UNKNOWN, "spout pipelines (without a service) must not have an input")
PARALLEL_SERVICE = Kind(Code.UNKNOWN, "services can only be run with a constant parallelism of 1")
SERVICE_TYPE = Kind(Code.UNKNOWN, "the following service type {type} is not allowed")

# What its input must say.
NO_INPUT = Kind(Code.UNKNOWN, "no input set")
SEVERAL_INPUT_KINDS = Kind(Code.UNKNOWN, "multiple input types set")
DEEP_INPUT = Kind(Code.UNKNOWN, "inputs are nested more than {limit} deep")
INPUT_WITHOUT = Kind(Code.UNKNOWN, "input must specify a {what}")
INPUT_NAMED = Kind(Code.UNKNOWN, "input cannot be named {name}")
INPUT_NAME_TWICE = Kind(Code.UNKNOWN, 'name "{name}" was used more than once')
INPUT_REPO_OUT = Kind(
    Code.UNKNOWN,
    'inputs based on repos named "out" must have \'name\' set, as pipelines cannot have an input named "out": '
    "the results are written there",
)
INPUT_COMMIT = Kind(Code.UNKNOWN, "input cannot come from a commit; use a branch with head pointing to the commit")
S3_GLOB = Kind(
    Code.UNKNOWN,
    "inputs that set 's3' to 'true' must also set 'glob', to \"/\", as the S3 gateway is only able to expose data at "
    "the commit level",
)
S3_OPTION = Kind(
    Code.UNKNOWN,
    "input cannot specify both 's3' and '{option}', as 's3' requires input data to be accessed via Pachyderm's S3 "
    "gateway rather than the file system",
)
S3_COMBINED = Kind(Code.UNKNOWN, "S3 inputs in {combination} expressions are not supported")
CRON_SPEC = Kind(Code.UNKNOWN, "error parsing cron-spec: {reason}")

# What this cluster lacks.
UNSUPPORTED = Kind(
    Code.UNIMPLEMENTED,
    "pipeline {pipeline}: {feature} is not implemented by the embedded cluster; docs/compatibility.md lists what is",
)

# What clients have evaluated.
BAD_JQ_FILTER = Kind(Code.UNKNOWN, "error creating message filter function: {reason}")
JQ_FILTER_FAILED = Kind(Code.UNKNOWN, "error running message filter function: {reason}")
BAD_TEMPLATE = Kind(Code.UNKNOWN, "could not render the template: {reason}")
MALFORMED_SPEC = Kind(Code.UNKNOWN, "malformed pipeline spec: {reason}")

# Datums.
JOB_AND_INPUT = Kind(Code.UNKNOWN, "cannot specify both job and input")
CRON_LISTING = Kind(
    Code.UNKNOWN, "can't list datums with a cron input, there will be no datums until the pipeline is created"
)
REVERSE_WITHOUT_NUMBER = Kind(Code.UNKNOWN, "number must be > 0 when reverse is set")
NO_DATUM = Kind(Code.UNKNOWN, "must specify a datum")
DATUM_NOT_FOUND = Kind(Code.UNKNOWN, "datum {datum} not found in job {job}")
DATUM_NOT_RUNNING = Kind(Code.UNKNOWN, "datum matching filter [{filters}] could not be found for job ID {job}")

# Logs.
NO_LOKI = Kind(
    Code.UNIMPLEMENTED, "the embedded cluster keeps its logs without Loki; GetLogs tells those of a pipeline or a job"
)
LOGS_OF_WHAT = Kind(Code.UNKNOWN, "must specify the Job or Pipeline that the datum is from to get logs for it")
LOGS_JOB_WITHOUT_PIPELINE = Kind(Code.UNKNOWN, "pipeline must be specified for the given job")
LOGS_WRONG_PIPELINE = Kind(Code.UNKNOWN, "job is from the wrong pipeline")
LOGS_JOB_NOT_FOUND = Kind(Code.NOT_FOUND, 'could not get job information for "{id}": jobs {job} not found')
LOGS_PIPELINE_NOT_FOUND = Kind(
    Code.NOT_FOUND, 'could not get pipeline information for {pipeline}: pipeline "{pipeline}" not found'
)

# Secrets: Pachyderm's own words, and those of Kubernetes behind them.
SECRET_DOCUMENT = Kind(Code.UNKNOWN, "failed to unmarshal secret: {reason}")
SECRET_OF_OTHER_SUITE = Kind(Code.UNKNOWN, "invalid suite label set on secret: suite={suite}")
SECRET_WITHOUT_NAME = Kind(
    Code.UNKNOWN,
    'failed to create secret: Secret "" is invalid: metadata.name: Required value: name or generateName is required',
)
SECRET_NAME = Kind(
    Code.UNKNOWN,
    'failed to create secret: Secret "{name}" is invalid: metadata.name: Invalid value: "{name}": '
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character",
)
SECRET_KEY = Kind(
    Code.UNKNOWN,
    'failed to create secret: Secret "{name}" is invalid: data[{key}]: Invalid value: "{key}": '
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
)
SECRET_TOO_LONG = Kind(
    Code.UNKNOWN, 'failed to create secret: Secret "{name}" is invalid: data: Too long: must have at most {limit} bytes'
)
SECRET_EXISTS = Kind(Code.UNKNOWN, 'failed to create secret: secrets "{name}" already exists')
SECRET_NOT_FOUND = Kind(Code.UNKNOWN, 'failed to {what} secret: secrets "{name}" not found')
SECRET_WITHOUT_KEY = Kind(Code.UNKNOWN, "secret {name} has env_var set but is missing key")
SECRET_MISSING = Kind(Code.UNKNOWN, "missing Kubernetes secret {name}")
SECRET_KEY_MISSING = Kind(Code.UNKNOWN, "Kubernetes secret {name} missing key {key}")
