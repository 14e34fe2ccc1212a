from django.apps import AppConfig


class LearningHubsConfig(AppConfig):
    name = "learninghubs"
