# One image for every part; the command chooses: serve, worker, mailbox, migrate.
FROM python:3.12-slim AS build
WORKDIR /app
RUN python -m venv /opt/cadenza
COPY requirements.txt pyproject.toml README.md ./
RUN /opt/cadenza/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY engine engine
COPY crm_store crm_store
COPY designer designer
COPY templates templates
RUN /opt/cadenza/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
RUN useradd --system --create-home --home-dir /var/lib/cadenza cadenza
COPY --from=build /opt/cadenza /opt/cadenza
ENV PATH=/opt/cadenza/bin:$PATH PYTHONUNBUFFERED=1 CADENZA_DATA_DIR=/var/lib/cadenza/data
USER cadenza
WORKDIR /var/lib/cadenza
RUN mkdir data
EXPOSE 8080
ENTRYPOINT ["cadenza"]
CMD ["serve"]
