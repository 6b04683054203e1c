#!/usr/bin/env bash
# Builds one image of the jobs, pushes it, and writes down which one it is. CodeBuild runs it (template.yaml); so may a
# person with Docker and the same variables: `fmops images` prints them.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${IMAGE:?which image: evaluate or fine-tune}" "${REGISTRY:?the account\'s registry}" "${STACK:?the name of the stack}"
: "${TAG:?the tag of these sources}" "${PARAMETER:?the SSM parameter that says which image was pushed}"

name="$STACK-$IMAGE"
digest() {
    aws ecr describe-images --repository-name "$name" --image-ids "imageTag=$TAG" \
        --query 'imageDetails[0].imageDigest' --output text
}

# A tag can't be moved. What was pushed for these sources before is taken as it is.
if ! found=$(digest 2>/dev/null); then
    aws ecr get-login-password | docker login --username AWS --password-stdin "$REGISTRY"
    options=()
    [[ -z ${PYTHON_IMAGE:-} ]] || options+=(--build-arg "PYTHON_IMAGE=$PYTHON_IMAGE")
    [[ -z ${BERTSCORE_MODELS:-} || $IMAGE != evaluate ]] || options+=(--build-arg "BERTSCORE_MODELS=$BERTSCORE_MODELS")
    docker build --platform linux/amd64 --file "containers/${IMAGE//-/_}/Dockerfile" "${options[@]}" --tag "$REGISTRY/$name:$TAG" .
    docker push "$REGISTRY/$name:$TAG"
    found=$(digest)
fi
aws ssm put-parameter --name "$PARAMETER" --type String --overwrite --value "$REGISTRY/$name@$found" >/dev/null
echo "$REGISTRY/$name@$found"
