"""Resource types that the local deployment knows, each with its maker."""

from collections.abc import Mapping

from local.deploy.makers import analytics, api, compute, custom, events, images, messaging, observability, storage
from local.deploy.making import Maker

MAKERS: Mapping[str, Maker] = {
    "AWS::ApiGatewayV2::Api": api.http_api,
    "AWS::ApiGatewayV2::Stage": api.http_stage,
    "AWS::Athena::NamedQuery": analytics.named_query,
    "AWS::Athena::WorkGroup": analytics.work_group,
    "AWS::CloudWatch::Alarm": observability.alarm,
    "AWS::CloudWatch::CompositeAlarm": observability.composite_alarm,
    "AWS::CloudWatch::Dashboard": observability.dashboard,
    "AWS::CodeBuild::Project": images.build_project,
    "AWS::DynamoDB::Table": storage.table,
    "AWS::ECR::Repository": images.repository,
    "AWS::Events::EventBus": events.bus,
    "AWS::Events::Rule": events.rule,
    "AWS::Glue::Database": analytics.database,
    "AWS::Glue::Table": analytics.table,
    "AWS::IAM::Role": compute.role,
    "AWS::KMS::Alias": storage.key_alias,
    "AWS::KMS::Key": storage.key,
    "AWS::Lambda::Alias": compute.alias,
    "AWS::Lambda::EventInvokeConfig": compute.event_invoke_config,
    "AWS::Lambda::Function": compute.function,
    "AWS::Lambda::LayerVersion": compute.layer,
    "AWS::Lambda::Permission": compute.permission,
    "AWS::Lambda::Version": compute.version,
    "AWS::Logs::LogGroup": observability.log_group,
    "AWS::Logs::ResourcePolicy": observability.log_policy,
    "AWS::S3::Bucket": storage.bucket,
    "AWS::S3::BucketPolicy": storage.bucket_policy,
    "AWS::SNS::Subscription": messaging.subscription,
    "AWS::SNS::Topic": messaging.topic,
    "AWS::SNS::TopicPolicy": messaging.topic_policy,
    "AWS::SQS::Queue": messaging.queue,
    "AWS::SQS::QueuePolicy": messaging.queue_policy,
    "AWS::SSM::Parameter": storage.parameter,
    "AWS::SageMaker::ModelPackageGroup": compute.model_package_group,
    "AWS::Scheduler::Schedule": events.schedule,
    "AWS::Scheduler::ScheduleGroup": events.schedule_group,
    "AWS::StepFunctions::StateMachine": compute.state_machine,
    "AWS::StepFunctions::StateMachineAlias": compute.state_machine_alias,
    "AWS::StepFunctions::StateMachineVersion": compute.state_machine_version,
    "Custom::JobImages": custom.custom_resource,
}
