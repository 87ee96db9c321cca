"""The dashboard's queries; its pages contain none."""
