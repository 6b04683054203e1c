"""Bedrock's control plane: which models there are, guardrails, and whether calls are logged."""

from pathlib import Path
from typing import Any, ClassVar

from local.bedrock.catalogue import Catalogue, FoundationModel
from local.bedrock.guardrails import DRAFT, Guardrails
from local.bedrock.invocation_logs import InvocationLogs
from local.protocol import Aws, Caller, Service

_FILTERS = {
    "byOutputModality": "outputModalities",
    "byInferenceType": "inferenceTypesSupported",
    "byCustomizationType": "customizationsSupported",
}


class Bedrock(Service):
    """The part of Bedrock that lists and makes."""

    name: ClassVar[str] = "bedrock"

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self.catalogue = Catalogue()
        self.guardrails = Guardrails()
        self.logs = InvocationLogs(aws)

    def publish(self, model_id: str, folder: Path, *, name: str, provider: str) -> FoundationModel:
        """Offer the model of a Hugging Face folder, and an inference profile of it."""
        model = FoundationModel(model_id, name, provider, folder)
        self.catalogue.publish(model)
        return model

    def list_foundation_models(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        provider = request.get("byProvider", "").lower()
        kept = [
            summary
            for summary in (model.summary() for model in self.catalogue.all())
            if provider in ("", summary["providerName"].lower())
            and all(request[wanted] in summary[has] for wanted, has in _FILTERS.items() if wanted in request)
        ]
        return {"modelSummaries": kept}

    def get_foundation_model(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return {"modelDetails": self.catalogue.require(request["modelIdentifier"]).summary()}

    def get_foundation_model_availability(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        """Nobody has to ask for what this machine serves."""
        return {
            "modelId": self.catalogue.require(request["modelId"]).model_id,
            "agreementAvailability": {"status": "AVAILABLE"},
            "authorizationStatus": "AUTHORIZED",
            "entitlementAvailability": "AVAILABLE",
            "regionAvailability": "AVAILABLE",
        }

    def list_inference_profiles(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        if request.get("typeEquals") == "APPLICATION":
            return {"inferenceProfileSummaries": []}
        return {"inferenceProfileSummaries": [model.profile() for model in self.catalogue.all()]}

    def get_inference_profile(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return self.catalogue.require(request["inferenceProfileIdentifier"]).profile()

    def put_model_invocation_logging_configuration(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        self.logs.configure(request["loggingConfig"])
        return {}

    def get_model_invocation_logging_configuration(self, _request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return {"loggingConfig": self.logs.configuration} if self.logs.configuration else {}

    def delete_model_invocation_logging_configuration(
        self, _request: dict[str, Any], _caller: Caller
    ) -> dict[str, Any]:
        self.logs.stop_logging()
        return {}

    def create_guardrail(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        made = self.guardrails.create(request, self._aws.clock.datetime())
        return {
            "guardrailId": made.guardrail_id,
            "guardrailArn": made.arn,
            "version": made.version,
            "createdAt": made.created,
        }

    def create_guardrail_version(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        made = self.guardrails.publish(request["guardrailIdentifier"])
        return {"guardrailId": made.guardrail_id, "version": made.version}

    def get_guardrail(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return self.guardrails.find(request["guardrailIdentifier"], request.get("guardrailVersion", DRAFT)).described()
