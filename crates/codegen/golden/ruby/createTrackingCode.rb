#!/usr/bin/env ruby
# Create a tracking code
# POST /v1/admin/meeting/config/trackingCodes
# frozen_string_literal: true

require "json"
require "net/http"
require "time"
require "uri"

$stdout.set_encoding(Encoding::UTF_8)

# Prints a value on one line; nothing if there is none.
def show(place, value)
  case value
  when nil
    return
  when Float
    value = format("%.15g", value)
  else
    value = JSON.generate(value) if value.is_a?(Hash) || value.is_a?(Array)
    value = value.to_s.gsub(/[\\\n\r]/, "\\" => "\\\\", "\n" => "\\n", "\r" => "\\r")
  end
  puts "#{place}: #{value}"
end

# A variable of the environment.
def setting(name)
  value = ENV.fetch(name, "")
  value.empty? ? abort("set #{name} in the environment") : value
end

# Percent-encodes all but letters, digits and -._~.
def encode(text)
  text.b.gsub(/[^A-Za-z0-9._~-]/n) { |byte| format("%%%02X", byte.ord) }
end

# The parameters as a query or a form.
def pairs(parameters)
  parameters.map { |name, *values| encode(name) + "=" + values.map { |value| encode(value) }.join(",") }.join("&")
end

# How long an answer with status 429 asks to wait: in seconds, or up to an instant.
def wait_seconds(response)
  retry_after = response["Retry-After"] || "1"
  return retry_after.to_i if retry_after.match?(/\A\d+\z/)

  [Time.iso8601(retry_after) - Time.now, 0].max
rescue ArgumentError
  1
end

# How long a server may take to answer.
TIMEOUT_SECONDS = 60

# A good answer; after 429 it waits and asks again, at most five times.
def send_request(url, headers, content)
  (0..5).each do |attempt|
    uri = URI(url)
    request = Net::HTTPGenericRequest.new('POST', !content.nil?, true, uri, headers)
    request.body = content
    options = { use_ssl: uri.scheme == "https", open_timeout: TIMEOUT_SECONDS, read_timeout: TIMEOUT_SECONDS, max_retries: 0 }
    response = Net::HTTP.start(uri.hostname, uri.port, **options) { |http| http.request(request) }
    return response if response.is_a?(Net::HTTPSuccess)

    abort "HTTP #{response.code}: #{response.body.to_s.dup.force_encoding("UTF-8")}" if response.code != "429" || attempt == 5
    seconds = wait_seconds(response)
    warn "429: waiting #{seconds.round} s"
    sleep seconds
  end
rescue SystemCallError, SocketError, EOFError, Timeout::Error, OpenSSL::SSL::SSLError => error
  abort "#{url}: #{error.message}"
end

base_url = setting("API_BASE_URL").sub(%r{/+\z}, "")

headers = { "Accept" => 'application/json' }
headers["Authorization"] = "Bearer " + setting("API_TOKEN")
headers["Content-Type"] = 'application/json'
content = "{\n  \"hostProfileCode\": \"optional\",\n  \"inputMode\": \"select\",\n  \"name\": \"Department\",\n  \"options\": [\n    {\n      \"defaultValue\": false,\n      \"value\": \"Engineering\"\n    },\n    {\n      \"defaultValue\": true,\n      \"value\": \"Design\"\n    },\n    {\n      \"defaultValue\": false,\n      \"value\": \"Sales\"\n    }\n  ],\n  \"scheduleStartCodes\": [\n    {\n      \"service\": \"MeetingCenter\",\n      \"type\": \"required\"\n    },\n    {\n      \"service\": \"EventCenter\",\n      \"type\": \"optional\"\n    }\n  ],\n  \"siteUrl\": \"example.webex.com\"\n}"

path = '/v1/admin/meeting/config/trackingCodes'
query = []
url = base_url + path + (query.empty? ? "" : "?" + pairs(query))
response = send_request(url, headers, content)
text = response.body.to_s.dup.force_encoding("UTF-8")
begin
  answer = JSON.parse(text)
rescue JSON::ParserError => error
  abort "the answer is not JSON (#{error.message}): #{text}"
end
answer = {} unless answer.is_a?(Hash)
host_profile_code = answer['hostProfileCode']
show('hostProfileCode', host_profile_code)
id = answer['id']
show('id', id)
input_mode = answer['inputMode']
show('inputMode', input_mode)
name_value = answer['name']
show('name', name_value)
options_value = answer['options']
if options_value.is_a?(Array)
  options_value.each_with_index do |option, option_index|
    next unless option.is_a?(Hash)

    default_value = option['defaultValue']
    show('options[' + option_index.to_s + '].defaultValue', default_value)
    option_value = option['value']
    show('options[' + option_index.to_s + '].value', option_value)
  end
end
schedule_start_codes = answer['scheduleStartCodes']
if schedule_start_codes.is_a?(Array)
  schedule_start_codes.each_with_index do |schedule_start_code, schedule_start_code_index|
    next unless schedule_start_code.is_a?(Hash)

    service = schedule_start_code['service']
    show('scheduleStartCodes[' + schedule_start_code_index.to_s + '].service', service)
    schedule_start_code_type = schedule_start_code['type']
    show('scheduleStartCodes[' + schedule_start_code_index.to_s + '].type', schedule_start_code_type)
  end
end
site_url = answer['siteUrl']
show('siteUrl', site_url)
